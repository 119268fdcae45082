// `npm start`: prepares everything that the service needs, then hands its process over to it.
import { dirname } from 'node:path'
import { ensureBtrfs } from './lib/btrfs.ts'
import { ensureConsole } from './lib/console.ts'
import { ensureEngine } from './lib/engine.ts'
import { explain } from './lib/failure.ts'
import { handOver } from './lib/hand-over.ts'
import { ensureImage } from './lib/image.ts'
import { interruption } from './lib/interruption.ts'
import { ensureRestic } from './lib/restic.ts'

process.chdir(dirname(import.meta.dirname))
process.exitCode = await start(interruption()).catch(explain)

/** Returns only if the service was not started. */
async function start(signal: AbortSignal): Promise<number> {
  const engine = await ensureEngine(signal)
  try {
    await ensureImage(signal)
    await ensureBtrfs(signal)
    await ensureRestic(signal)
    await ensureConsole()
    signal.throwIfAborted()
  } catch (error) {
    await engine.stop()
    throw error
  }
  return handOver(engine.startedHere)
}
