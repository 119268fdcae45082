// `npm start`: sees to all that the service needs, runs it, and at its end puts back what was changed for it.
import { ensureEngine } from './lib/engine.ts'
import { explain } from './lib/failure.ts'
import { ensureImage } from './lib/image.ts'
import { interruption } from './lib/interruption.ts'
import { runProgram } from './lib/program.ts'

process.chdir(new URL('..', import.meta.url).pathname)

// What V8 compiled is kept from one start to the next: a third of the time to the first answer.
const NODE_COMPILE_CACHE = 'node_modules/.cache/compile'

process.exitCode = await start(interruption()).catch(explain)

async function start(signal: AbortSignal): Promise<number> {
  const engine = await ensureEngine(signal)
  try {
    await ensureImage(signal)
    return await runProgram(['src/main.ts', '--welcome'], signal, { NODE_COMPILE_CACHE })
  } finally {
    await engine.stop()
  }
}
