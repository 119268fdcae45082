import type { Command } from 'commander'
import type { ForgetRoot } from '../consistency/forget-root.ts'
import { printable } from '../lib/printable.ts'
import { reasonOf } from '../lib/reason-of.ts'

export type OpenForgetRoot = (folder: string) => Promise<ForgetRoot & Disposable>

type Terminal = { say(text: string): void; ask: ((question: string) => Promise<boolean>) | null }

/** Adds `ailab forget-root` to the command line. */
export function addForgetRoot(program: Command, open: OpenForgetRoot): void {
  program
    .command('forget-root')
    .description('Lets the engine forget a data root that is gone for good, so that a new one may begin on its path.')
    .option('--yes', 'do not ask')
    .addHelpText('after', help)
    .action(async ({ yes }: { yes?: true }, command: Command) => {
      try {
        using root = await open(command.optsWithGlobals().folder)
        process.exitCode = await forgetRoot(root, { yes: yes ?? false, terminal })
      } catch (error) {
        process.stderr.write(`${linesOf(error).map(printable).join('\n')}\n`)
        process.exitCode = 1
      }
    })
}

/** A refusal has the commands that cure it on lines of their own. */
function linesOf(error: unknown): string[] {
  return error instanceof Error && !('errno' in error) ? error.message.split('\n') : [reasonOf(error)]
}

const help = `
The engine remembers each data root that it served by an empty volume, its witness, so that a disk that is not mounted is
not taken for a new, empty lab. This removes the witness and the probe of the data root's path; it never touches a file.
It refuses where the data root is there, and where containers of it are left. A service that waits begins a new data
root by itself, within seconds.

Exit codes: 0 the engine knows no data root there any more, 1 nothing was changed.`

const terminal: Terminal = {
  say: (text) => process.stdout.write(`${text}\n`),
  ask: process.stdin.isTTY && process.stdout.isTTY ? ask : null,
}

async function ask(message: string): Promise<boolean> {
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message, initialValue: false })
  return !isCancel(answer) && answer
}

/** Gives the exit code. @throws Error with a sentence if the engine must not forget the root */
export async function forgetRoot(
  { remembered, forget }: ForgetRoot,
  { yes, terminal: { say, ask } }: { yes: boolean; terminal: Terminal },
): Promise<number> {
  const { hostPath, roots } = await remembered()
  if (roots.length === 0) {
    say(`The engine knows no data root at ${printable(hostPath)}: there is nothing to forget.`)
    return 0
  }
  say(`The engine remembers at ${printable(hostPath)}:`)
  for (const { rootId, witness } of roots) say(`  root ${printable(rootId)} (volume ${printable(witness ?? '')})`)
  say(
    'If a disk is only not mounted, mount it, and forget nothing: a new and empty data root would begin in its place.',
  )
  if (!yes && ask === null) throw new Error('Nothing was changed: there is nobody to ask here. With --yes it is done.')
  if (!yes && !(await ask?.('Is it gone for good, and is it to be forgotten?'))) {
    say('Nothing was changed.')
    return 1
  }
  await forget()
  say('It is forgotten. The next start, or a waiting service, begins a new data root there.')
  return 0
}
