// `npm run bench` runs each file test/bench/*.bench.ts, one after another. `npm run bench -- create` runs those with
// `create` in their name.
import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { ensureEngine } from './lib/engine.ts'
import { explain } from './lib/failure.ts'
import { ensureImage } from './lib/image.ts'
import { interruption } from './lib/interruption.ts'
import { runProgram } from './lib/program.ts'

process.chdir(dirname(import.meta.dirname))
process.exitCode = await bench(process.argv[2] ?? '', interruption()).catch(explain)

async function bench(name: string, signal: AbortSignal): Promise<number> {
  const files = globSync(`test/bench/*${name}*.bench.ts`).sort()
  if (files.length === 0) throw new Error(`No file test/bench/*.bench.ts has "${name}" in its name.`)
  const engine = await ensureEngine(signal)
  try {
    await ensureImage(signal)
    return await runEach(files, signal)
  } finally {
    await engine.stop()
  }
}

/** Runs all of them, even after a failure; returns the exit code of the first that failed. */
async function runEach(files: string[], signal: AbortSignal): Promise<number> {
  let exitCode = 0
  for (const file of files) {
    const code = await runProgram([file], signal)
    exitCode ||= code
  }
  return exitCode
}
