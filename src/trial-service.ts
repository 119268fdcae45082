/** The process of a service on a restored lab: a drill starts it, gives it an order, and reads its answer. */
import { runTrialService } from './assembly/trial-service.ts'

await runTrialService()
process.exit() // its input stays open: that tells it that the drill goes on
