// The end of an `npm start` that started the engine: `stop-engine.ts <engine> <exit code>`. See supervise.sh.
import { interruption } from './lib/interruption.ts'
import { type StartedEngine, stopEngine } from './lib/stop-engine.ts'

const [engine = '', exitCode = '0'] = process.argv.slice(2)

interruption() // a further Ctrl-C must not leave the engine half stopped
await stopEngine(engine as StartedEngine)
process.exitCode = Number(exitCode)
