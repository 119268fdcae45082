// `npm run why`: writes docs/why.md from real runs. `npm run why -- misspelt` shows only the faults whose title has that
// word, and writes nothing.
import { dirname } from 'node:path'
import { ensureBaseImage } from './lib/base-image.ts'
import { ensureEngine } from './lib/engine.ts'
import { explain, Failure } from './lib/failure.ts'
import { ensureImage } from './lib/image.ts'
import { interruption } from './lib/interruption.ts'
import { runProgram } from './lib/program.ts'
import { ensureTools } from './lib/tools.ts'
import { bareImage } from './why/bare.ts'

process.chdir(dirname(import.meta.dirname))
process.exitCode = await why(process.argv.slice(2), interruption()).catch(explain)

async function why(args: string[], signal: AbortSignal): Promise<number> {
  if (process.getuid?.() !== 0) throw new Failure('This mounts disks, and starts an engine of its own: run it as root.')
  const engine = await ensureEngine(signal)
  try {
    await ensureTools(signal)
    await ensureImage(signal)
    await ensureBaseImage(bareImage, signal)
    // A separate program, so that it alone gets Ctrl-C: what it started must live until it has cleaned up.
    return await runProgram(['scripts/why/run.ts', ...args], signal)
  } finally {
    await engine.stop()
  }
}
