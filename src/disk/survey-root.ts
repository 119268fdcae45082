import { opendir, readdir, realpath } from 'node:fs/promises'
import { below, type MarkedFolder, markerFile } from '../domain/names.ts'
import type { MarkerLook, RootLook, UserEntry } from '../ports/site.ts'
import { isCode } from './files.ts'
import { lookAt } from './look.ts'
import { readMarker } from './marker.ts'

/**
 * A data root as it is on disk; null if there is no folder. One call at a time, so that a hanging disk holds only one
 * thread of the process.
 */
export async function surveyRoot(given: string): Promise<RootLook | null> {
  const path = await realpath(given).catch((error) => {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  })
  const root = path === null ? null : await lookAt(path)
  if (path === null || root?.kind !== 'folder') return null
  const markers = {
    '': await markerOf(path, ''),
    shared: await markerOf(path, 'shared'),
    users: await markerOf(path, 'users'),
  }
  return {
    path,
    root,
    shared: await lookAt(`${path}/shared`),
    users: await lookAt(`${path}/users`),
    admin: await lookAt(`${path}/admin`),
    database: await ifAllowed(() => lookAt(`${path}/admin/ai-lab.db`)),
    adminToken: await ifAllowed(() => lookAt(`${path}/admin/first-admin-token`)),
    markers,
  }
}

async function markerOf(root: string, folder: MarkedFolder): Promise<MarkerLook | null> {
  const look = await lookAt(`${below(root, folder)}/${markerFile}`)
  if (look?.kind !== 'file') return look && { look, rootId: null }
  return { look, rootId: await readMarker(below(root, folder)).catch(() => null) }
}

/** The entries of `users/` without the marker; null if this user may not list it. */
export function peopleOf(root: string, limit: number): Promise<UserEntry[] | null> {
  return ifAllowed(() => entriesOf(`${root}/users`, limit))
}

async function entriesOf(users: string, limit: number): Promise<UserEntry[]> {
  const names = await readdir(users, { encoding: 'buffer' }).catch((error) => {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  })
  const people: UserEntry[] = []
  for (const name of names.sort(Buffer.compare).slice(0, limit)) {
    if (name.toString() === markerFile) continue
    const path = Buffer.concat([Buffer.from(`${users}/`), name])
    const look = await lookAt(path)
    if (look) people.push({ name, look, isEmpty: look.kind === 'folder' && look.uid === 0 && (await isEmpty(path)) })
  }
  return people
}

async function isEmpty(folder: Buffer): Promise<boolean> {
  const first = await ifAllowed(async () => {
    await using opened = await opendir(folder)
    return (await opened.read()) === null
  })
  return first ?? false
}

/** Null if this user may not look. */
async function ifAllowed<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look()
  } catch (error) {
    if (isCode(error, 'EACCES', 'EPERM')) return null
    throw error
  }
}
