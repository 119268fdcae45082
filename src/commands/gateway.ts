import type { Command } from 'commander'
import { endDespiteHangs } from '../lib/end-despite-hangs.ts'

/** Adds `ailab gateway` to the command line. `run` ends when a signal asks the process to. */
export function addGateway(program: Command, run: (folder: string) => Promise<void>): void {
  program
    .command('gateway')
    .description(
      'Runs the gateway, the door to environments, in a process of its own, beside a service with GATEWAY=apart.',
    )
    .addHelpText('after', help)
    .action(async (_options: unknown, command: Command) => {
      try {
        await run(command.optsWithGlobals().folder)
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error) // several lines, for mistakes in the settings
        process.stderr.write(`${words}\n`, () => endDespiteHangs(1))
        process.exitCode = 1
      }
    })
}

const help = `
It reads the same settings as the service, and needs the database of the data root, but not the engine. The service may end
and start again meanwhile: open notebooks, kernels and downloads go on. Without the service nothing is started or resumed.`
