// `npm test`: prepares everything that the tests need, then runs them. Arguments go to Vitest: `npm test -- test/unit`.
import { dirname, resolve } from 'node:path'
import { ensureBaseImage } from './lib/base-image.ts'
import { ensureCompose } from './lib/compose.ts'
import { ensureConsole } from './lib/console.ts'
import { ensureEngine } from './lib/engine.ts'
import { explain } from './lib/failure.ts'
import { ensureImage } from './lib/image.ts'
import { interruption } from './lib/interruption.ts'
import { runProgram } from './lib/program.ts'
import { serviceEnv } from './lib/service-env.ts'
import { ensureIntegrationTools, ensureTools } from './lib/tools.ts'

process.chdir(dirname(import.meta.dirname))
// The tests start the service and its commands some thousand times.
process.env.NODE_COMPILE_CACHE ??= resolve(serviceEnv.NODE_COMPILE_CACHE)
process.exitCode = await test(process.argv.slice(2), interruption()).catch(explain)

async function test(args: string[], signal: AbortSignal): Promise<number> {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...args]
  if (needsNoEngine(args)) {
    if (args.some((arg) => arg.includes('test/integration'))) {
      await ensureConsole()
      await ensureIntegrationTools(signal)
    }
    return runProgram(vitest, signal)
  }
  const engine = await ensureEngine(signal)
  try {
    await ensureImage(signal)
    await ensureBaseImage('node:24-slim', signal)
    await ensureCompose(signal)
    await ensureTools(signal)
    await ensureConsole()
    return await runProgram(vitest, signal)
  } finally {
    await engine.stop()
  }
}

function needsNoEngine(args: string[]): boolean {
  return args.length > 0 && args.every((arg) => /^(\.\/)?test\/(unit|integration|architecture)/.test(arg))
}
