import { type Check, notChecked, ok, problem, warning } from '../../domain/doctor/check.ts'
import { octal, ownerText } from '../../domain/doctor/fix.ts'
import { userId } from '../../domain/people/user-id.ts'
import { printable, utf8Of } from '../../lib/printable.ts'
import { shellQuote } from '../../lib/shell-quote.ts'
import type { RootLook, UserEntry } from '../../ports/site.ts'
import { changeCommand, onHost } from '../commands.ts'
import { mostPeople } from '../gather-uses.ts'
import type { Observations } from '../observations.ts'
import { isRoot } from './data-root.ts'

/** Can only the person use their folder? The check looks at the folders alone, never at what is in them. */
export function checkUserFolders(seen: Observations): Check[] {
  const root = seen.root.kind === 'seen' ? seen.root.value : null
  if (root === null || !isRoot(root)) return [notChecked('user-folders', 'There is no data root to look at.')]
  const { people } = seen
  if (people.kind === 'unseen') {
    const tell = people.hangs ? problem : notChecked
    return [tell('user-folders', `They could not be looked at: ${people.reason}.`)]
  }
  if (people.value === null) {
    return [notChecked('user-folders', `uid ${seen.standpoint.self.uid} may not list users/. Run the doctor as root.`)]
  }
  const faults = people.value.flatMap((entry) => fault(seen, root, entry) ?? [])
  const count = people.value.filter(({ look }) => look.kind === 'folder').length
  const fine = count === 0 ? 'There are none yet.' : count === 1 ? '1, in order.' : `${count}, all in order.`
  return [
    ...(faults.length > 0 ? faults : [ok('user-folders', fine)]),
    ...(people.value.length >= mostPeople
      ? [notChecked('user-folders', `Only the first ${mostPeople} were looked at.`)]
      : []),
  ]
}

function fault(seen: Observations, root: RootLook, entry: UserEntry): Check | null {
  const name = printable(entry.name)
  const shown = `${root.path}/users/${name}`
  const path = joined(onHost(seen, `${root.path}/users`), entry.name)
  const look = `ls -ld ${shellQuote(path)}`
  if (entry.look.kind === 'file' && !isUserId(entry.name)) return null // such as .gitkeep, which does no harm
  if (entry.look.kind !== 'folder') {
    return problem('user-folders', {
      summary: `${name} is ${entry.look.kind === 'link' ? 'a link' : 'no folder'}.`,
      detail: `${shown} is ${kinds[entry.look.kind]}. No environment is started on it: it could lead to other people's files.`,
      remedy: 'See where it leads, and put the folder itself there:',
      command: look,
    })
  }
  if (!isUserId(entry.name)) {
    return warning('user-folders', {
      summary: `${name} is no user id.`,
      detail: `${shown} has a name that no user id can have, so it belongs to no person.`,
      remedy: "See what is in it. If it is a person's, move it to the name that is exactly that person's id:",
      command: look,
    })
  }
  return ownerFault(seen, entry, { name, shown, path }) ?? modeFault(entry, { name, shown, path })
}

const kinds = { folder: 'a folder', file: 'a file', link: 'a symbolic link', other: 'no regular file' } as const

type Named = { name: string; shown: string; path: Uint8Array }

function ownerFault(seen: Observations, { look, isEmpty }: UserEntry, { name, shown, path }: Named): Check | null {
  const { notebook, self } = seen.standpoint
  const lacksRights = (look.mode & 0o700) !== 0o700
  if (look.uid === notebook.uid && !lacksRights) return null
  const wrongOwner = look.uid !== notebook.uid
  // Only an empty folder that belongs to root can change its owner without a question: somebody made it as root.
  const isSafe = self.uid === 0 && seen.standpoint.place === 'host' && isEmpty && look.uid === 0
  return problem('user-folders', {
    summary: wrongOwner ? `${name} belongs to ${ownerText(look)}.` : `${name} has mode ${octal(look.mode)}.`,
    detail: `${shown} belongs to ${ownerText(look)} with mode ${octal(look.mode)}.`,
    remedy: `Notebooks run as ${ownerText(notebook)} and cannot use it, so this person's environments wait. If the folder is this person's, give it over; the command is for this folder only, not for what is in it.`,
    command: changeCommand(path, {
      owner: wrongOwner ? notebook : null,
      mode: lacksRights ? 'u+rwx' : null,
    }),
    fixes: isSafe
      ? [
          { kind: 'set-owner', path: shown, from: { uid: look.uid, gid: look.gid }, to: notebook },
          ...(look.mode === 0o700 ? [] : [{ kind: 'set-mode', path: shown, from: look.mode, to: 0o700 } as const]),
        ]
      : [],
  })
}

function modeFault({ look }: UserEntry, { name, shown, path }: Named): Check | null {
  if ((look.mode & 0o077) === 0) return null
  return warning('user-folders', {
    summary: `${name} is open to others (${octal(look.mode)}).`,
    detail: `${shown} has mode ${octal(look.mode)}: others on this machine may get into this person's files.`,
    remedy: 'Close it. The command is for this folder only, not for what is in it.',
    command: changeCommand(path, { mode: 'go-rwx' }),
  })
}

/** The name must be the id itself: the service does not find a name in upper case. */
function isUserId(name: Uint8Array): boolean {
  const text = utf8Of(name)
  return text !== null && userId.safeParse(text).data === text
}

function joined(folder: string, name: Uint8Array): Uint8Array {
  const before = new TextEncoder().encode(`${folder}/`)
  const path = new Uint8Array(before.length + name.length)
  path.set(before)
  path.set(name, before.length)
  return path
}
