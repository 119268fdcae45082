import type { Command } from 'commander'
import { reasonOf } from '../lib/reason-of.ts'

export type MadeToken = { secret: string; userId: string; dataRoot: string }

/** Adds `ailab token` to the command line. */
export function addToken(program: Command, make: (folder: string) => Promise<MadeToken>): void {
  program
    .command('token')
    .description('Makes a new token for an administrator, if the old ones are lost.')
    .requiredOption('--admin', 'a full token of an administrator that never expires; the command makes no others')
    .addHelpText('after', help)
    .action(async (_options: unknown, command: Command) => {
      try {
        const { secret, userId, dataRoot } = await make(command.optsWithGlobals().folder)
        process.stderr.write(`A new token of the administrator ${userId}, for the data root ${dataRoot}:\n`)
        process.stdout.write(`${secret}\n`)
      } catch (error) {
        process.stderr.write(`${reasonOf(error)}\n`)
        process.exitCode = 1
      }
    })
}

const help = `
It works while the service runs and while it does not, for everyone who may write the database of the data root. The token
belongs to "admin", or to another administrator if "admin" is none. If there is no administrator left, "admin" becomes
one again. Only the token goes to the standard output:

  TOKEN=$(bin/ailab token --admin)
  TOKEN=$(docker exec ai-lab-backend ailab token --admin)

The log of the service has a line about it when it is first used. Other tokens are left as they are: list and revoke them
with GET and DELETE /api/tokens.`
