/** The counting process: the service starts it, gives it an order, and reads its lines. */
import { countUsage } from './assembly/count-usage.ts'

await countUsage()
