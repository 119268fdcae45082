// `npm start`: sees to all that the service needs, runs it, and at its end puts back what was changed for it.
import { ensureEngine } from './lib/engine.ts'
import { explain } from './lib/failure.ts'
import { ensureImage } from './lib/image.ts'
import { interruption } from './lib/interruption.ts'
import { runProgram } from './lib/program.ts'
import { serviceEnv } from './lib/service-env.ts'

process.chdir(new URL('..', import.meta.url).pathname)

process.exitCode = await start(interruption()).catch(explain)

async function start(signal: AbortSignal): Promise<number> {
  const engine = await ensureEngine(signal)
  try {
    await ensureImage(signal)
    return await runProgram(['src/main.ts', '--welcome'], signal, serviceEnv)
  } finally {
    await engine.stop()
  }
}
