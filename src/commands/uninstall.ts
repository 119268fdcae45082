import type { Command } from 'commander'
import type { Remains, Removed, Uninstall } from '../consistency/uninstall.ts'
import { labels, networkName } from '../domain/names.ts'
import { printable } from '../lib/printable.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { countOf } from './words.ts'

export type OpenUninstall = (folder: string) => Promise<Uninstall & Disposable>

/** Adds `ailab uninstall` to the command line. */
export function addUninstall(program: Command, open: OpenUninstall): void {
  program
    .command('uninstall')
    .description('Removes from the engine what the service made there for this data root. It keeps all data.')
    .option('--yes', 'do not ask')
    .addHelpText('after', help)
    .action(async ({ yes = false }: { yes?: boolean }, command: Command) => {
      try {
        using uninstall = await open(command.optsWithGlobals<{ folder: string }>().folder)
        process.exitCode = await run(uninstall, yes)
      } catch (error) {
        process.stderr.write(`${printable(reasonOf(error))}\n`)
        process.exitCode = 1
      }
    })
}

const help = `
It removes the containers of this data root's environments, the probe and the witness of the root, and the network of the
environments if no environment of another data root is left. It refuses while a service works on the data root. It never
touches a file: a service that is started again makes the environments again, on the same data.

Exit codes: 0 it is removed, 1 nothing was changed, or not all could be removed.`

async function run({ remains, remove }: Uninstall, yes: boolean): Promise<number> {
  const found = await remains()
  say(planOf(found))
  if (!yes && !isTerminal()) {
    process.stderr.write('Nothing was changed: there is nobody to ask here. With --yes it is done.\n')
    return 1
  }
  if (!yes && !(await ask('Remove this?'))) {
    say(['Nothing was changed.'])
    return 1
  }
  say(endOf(found, await remove(found)))
  return 0
}

function planOf({ hostPath, rootId, containers }: Remains): string[] {
  return [
    `Of the data root ${printable(hostPath)} (${rootId}) this will be removed from the engine:`,
    `  ${countOf(containers.length, 'container')} of environments${containers.length > 0 ? ':' : ''}`,
    ...containers.map(
      ({ name, labels: own, state }) => `    ${printable(name)} of ${printable(own[labels.user] ?? '?')} (${state})`,
    ),
    '  the probe and the witness of the data root',
    `  the network ${networkName}, if no other environments need it`,
    'People lose what their notebooks have in memory, and files outside of data/ and shared/.',
  ]
}

function endOf({ hostPath, rootId, containers, elsewhere }: Remains, { network }: Removed): string[] {
  const isRemoved = network === 'removed'
  return [
    `Removed: ${countOf(containers.length, 'container')}, the probe and the witness${isRemoved ? `, the network ${networkName}` : ''}.`,
    'Left as they are:',
    `  the data root ${printable(hostPath)} with all its files`,
    '  the images: docker image ls --filter reference="ai-lab/*"',
    ...(isRemoved ? [] : [`  the network ${networkName}, which other environments use`]),
    ...(elsewhere.length > 0
      ? [
          `  ${countOf(elsewhere.length, 'container')} of root ${rootId} on another folder, that of a copy perhaps:`,
          ...elsewhere.map(({ name }) => `    ${printable(name)}`),
        ]
      : []),
  ]
}

function say(lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY
}

async function ask(message: string): Promise<boolean> {
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message, initialValue: false })
  return !isCancel(answer) && answer
}
