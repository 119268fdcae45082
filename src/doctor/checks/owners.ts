import { type Check, notChecked, ok, problem, warning } from '../../domain/doctor/check.ts'
import { type Fix, octal, ownerText } from '../../domain/doctor/fix.ts'
import { below, markedFolders, markerPath } from '../../domain/names.ts'
import type { Owner } from '../../domain/people/notebook-user.ts'
import { shellQuote } from '../../lib/shell-quote.ts'
import type { Look, RootLook } from '../../ports/site.ts'
import { changeCommand, onHost } from '../commands.ts'
import type { Observations } from '../observations.ts'
import { isRoot } from './data-root.ts'

/** Owners and modes of the platform's own folders and files themselves, not of their content. */
export function checkOwners(seen: Observations): Check[] {
  const root = seen.root.kind === 'seen' ? seen.root.value : null
  if (root === null || !isRoot(root)) return [notChecked('owners', 'There is no data root to look at.')]
  const { service } = seen.standpoint
  const faults = [
    ...folderFaults(seen, root),
    ...markedFolders.flatMap((folder) => markerFault(seen, folder, root.markers[folder]?.look ?? null)),
    ...tokenFault(seen, root),
  ]
  return faults.length > 0 ? faults : [ok('owners', `The service, ${ownerText(service)}, can use its folders.`)]
}

function folderFaults(seen: Observations, root: RootLook): Check[] {
  const { service, notebook } = seen.standpoint
  return [
    ...(root.root.uid === service.uid || isSuperuser(service) || mayWrite(root.root, service)
      ? []
      : [owned(seen, '', root.root, service)]),
    ...folder(seen, 'users', root.users, { owner: service, atMost: 0o755, set: 0o711 }),
    ...folder(seen, 'admin', root.admin, { owner: service, atMost: 0o700, set: 0o700 }),
    ...sharedFault(seen, root.shared, notebook),
  ]
}

/** A folder that must belong to the service, with no more rights than `atMost`; `set` is the mode of the repair. */
function folder(
  seen: Observations,
  name: string,
  look: Look | null,
  { owner, atMost, set }: { owner: Owner; atMost: number; set: number },
): Check[] {
  if (look === null) return []
  if (look.kind !== 'folder') return [noFolder(seen, name, look)]
  const wrongOwner = look.uid !== owner.uid && !isSuperuser(owner)
  return [
    ...(wrongOwner ? [owned(seen, name, look, owner)] : []),
    ...((look.mode & 0o777 & ~atMost) !== 0 ? [tooOpen(seen, name, look, set)] : []),
  ]
}

function sharedFault(seen: Observations, look: Look | null, notebook: Owner): Check[] {
  if (look === null) return []
  if (look.kind !== 'folder') return [noFolder(seen, 'shared', look)]
  if (may(look, notebook, 0o5)) return []
  const path = pathOf(seen, 'shared')
  const to = look.mode | 0o755
  return [
    problem('owners', {
      summary: 'Notebooks cannot read shared/.',
      detail: `${path} belongs to ${ownerText(look)} with mode ${octal(look.mode)}: notebooks run as ${ownerText(notebook)} and may not read it.`,
      remedy: 'Let everyone read this one folder; what is in it stays as it is.',
      command: changeCommand(onHost(seen, path), { mode: 'a+rx' }),
      fixes: seen.standpoint.self.uid === 0 ? [{ kind: 'set-mode', path, from: look.mode, to }] : [],
    }),
  ]
}

function noFolder(seen: Observations, name: string, look: Look): Check {
  const path = pathOf(seen, name)
  return problem('owners', {
    summary: `${name}/ is no folder.`,
    detail: `${path} is ${look.kind === 'link' ? 'a link' : 'a file'}: the backend and the engine may each find other files there, or none.`,
    remedy: 'Put the folder itself there, or mount its disk there.',
    command: `ls -ld ${shellQuote(path)}`,
  })
}

function owned(seen: Observations, name: string, look: Look, owner: Owner): Check {
  const path = pathOf(seen, name)
  return problem('owners', {
    summary: `${name || 'The root'} belongs to another user than the service.`,
    detail: `${path} belongs to ${ownerText(look)}, the service runs as ${ownerText(owner)} and cannot use it.`,
    remedy: 'Give over this one folder; what is in it stays as it is.',
    command: changeCommand(onHost(seen, path), { owner }),
    fixes: ownerFix(seen, path, look, owner),
  })
}

function tooOpen(seen: Observations, name: string, look: Look, to: number): Check {
  const path = pathOf(seen, name)
  const isMine = [0, look.uid].includes(seen.standpoint.self.uid)
  return warning('owners', {
    summary: `${name}/ is open to others (${octal(look.mode)}).`,
    detail: `${path} has mode ${octal(look.mode)}: others on this machine may ${name === 'admin' ? "read the platform's own files" : 'change it'}.`,
    remedy: 'Close it; what is in it stays as it is.',
    command: changeCommand(onHost(seen, path), { mode: to }),
    fixes: isMine ? [{ kind: 'set-mode', path, from: look.mode, to: look.mode & (0o7000 | to) }] : [],
  })
}

function markerFault(seen: Observations, name: '' | 'shared' | 'users', look: Look | null): Check[] {
  const { service } = seen.standpoint
  if (look === null || look.kind !== 'file' || look.uid === service.uid || isSuperuser(service)) return []
  const path = pathOf(seen, markerPath(name))
  return [
    problem('owners', {
      summary: `The marker of ${name || 'the root'} is not the service's.`,
      detail: `${path} belongs to ${ownerText(look)}; the service runs as ${ownerText(service)}, may not touch it, and so can prove nothing.`,
      remedy: 'Give over this one file.',
      command: changeCommand(onHost(seen, path), { owner: service }),
      fixes: ownerFix(seen, path, look, service),
    }),
  ]
}

function tokenFault(seen: Observations, { adminToken }: RootLook): Check[] {
  if (adminToken?.kind !== 'file' || (adminToken.mode & 0o177) === 0) return []
  const path = pathOf(seen, 'admin/first-admin-token')
  const isMine = [0, adminToken.uid].includes(seen.standpoint.self.uid)
  return [
    problem('owners', {
      summary: "The first administrator's token is open to others.",
      detail: `${path} has mode ${octal(adminToken.mode)}: anybody who reads it can act as an administrator.`,
      remedy: 'Close it. If somebody may have read it, make a new token and revoke that one.',
      command: changeCommand(onHost(seen, path), { mode: 0o600 }),
      fixes: isMine ? [{ kind: 'set-mode', path, from: adminToken.mode, to: adminToken.mode & 0o600 }] : [],
    }),
  ]
}

function ownerFix(seen: Observations, path: string, look: Look, to: Owner): Fix[] {
  if (seen.standpoint.self.uid !== 0) return []
  return [{ kind: 'set-owner', path, from: { uid: look.uid, gid: look.gid }, to }]
}

function pathOf({ root, standpoint }: Observations, relative: string): string {
  return below((root.kind === 'seen' && root.value?.path) || standpoint.dataDir, relative)
}

function isSuperuser({ uid }: Owner): boolean {
  return uid === 0
}

function mayWrite(look: Look, user: Owner): boolean {
  return may(look, user, 0o3)
}

/** Whether a user has those rights (4 read, 2 write, 1 enter), by the kernel's rules. */
export function may({ uid, gid, mode }: Look, user: Owner, rights: number): boolean {
  if (user.uid === 0) return true
  const shift = user.uid === uid ? 6 : user.gid === gid ? 3 : 0
  return ((mode >> shift) & rights) === rights
}
