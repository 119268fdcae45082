import type { Command } from 'commander'
import type { Rebuilt } from '../environments/rebuild.ts'
import { printable } from '../lib/printable.ts'
import { reasonOf } from '../lib/reason-of.ts'

export type RebuildOutcome = Rebuilt & { adminTokenFile: string }

/** Adds `ailab rebuild` to the command line. */
export function addRebuild(program: Command, run: (folder: string) => Promise<RebuildOutcome>): void {
  program
    .command('rebuild')
    .description(
      "Makes a new database for a data root that lost it: from people's folders, and from the labels of the containers.",
    )
    .option('--json', 'print one JSON object, for scripts')
    .addHelpText('after', help)
    .action(async ({ json }: { json?: true }, command: Command) => {
      try {
        const outcome = await run(command.optsWithGlobals().folder)
        process.stdout.write(`${json ? JSON.stringify(outcome, null, 2) : outcomeText(outcome)}\n`)
        process.exitCode = outcome.left.length > 0 ? 2 : 0
      } catch (error) {
        process.stderr.write(`${reasonOf(error)}\n`)
        process.exitCode = 1
      }
    })
}

const help = `
Only where there is no database: one that is there is never touched. Put one back from a backup rather, if there is one:
tiers, roles and API tokens are in the database alone. Containers are neither started nor stopped by this; a service that
waits for its database goes on by itself, within seconds.

Exit codes: 0 all containers have their records again, 1 it failed and nothing was changed, 2 some were left out.`

function outcomeText({ people, environments, left, adminTokenFile }: RebuildOutcome): string {
  return [
    `People: ${people.length}, each with the lowest tier: ${people.join(', ') || 'none'}`,
    `Environments: ${environments.length}`,
    ...environments.map(({ id, userId }) => `  ${id} of ${userId}`),
    ...left.map(({ name, reason }) => `Left out: ${printable(name)}: ${printable(reason)}`),
    `The new admin token is in ${adminTokenFile}. All other tokens are gone.`,
  ].join('\n')
}
