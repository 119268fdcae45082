/** Where files are: in the lab, in the API, and in the console's addresses. Pure. */

/** A folder tree: one's own, the shared one, or another person's. */
export type Root = { kind: 'data'; userId: string } | { kind: 'of'; userId: string } | { kind: 'shared' }

/** `path` is relative to the tree, without slashes at its ends; empty for the tree itself. */
export type Place = { root: Root; path: string }

const part = encodeURIComponent
const encoded = (path: string) => path.split('/').map(part).join('/')
const withPath = (base: string, path: string) => (path === '' ? base : `${base}/${encoded(path)}`)

/** The address of a tree's page below the service. */
function rootAddress(root: Root): string {
  return root.kind === 'of' ? `/console/files/of/${part(root.userId)}` : `/console/files/${root.kind}`
}

/** The address of the page of a file or a folder. */
export function addressOf({ root, path }: Place): string {
  return withPath(rootAddress(root), path)
}

export function trashAddressOf(root: Root): string {
  if (root.kind === 'data') return '/console/files/trash'
  return root.kind === 'shared' ? '/console/files/trash/shared' : `/console/files/trash/of/${part(root.userId)}`
}

/** The path in the API, below `/api/`. */
export function apiPathOf({ root, path }: Place): string {
  return withPath(root.kind === 'shared' ? 'shared/files' : `users/${part(root.userId)}/files`, path)
}

/** The path as `Upload-Metadata` names it: nothing is encoded. */
export function uploadTargetOf({ root, path }: Place): string {
  return root.kind === 'shared' ? `/api/shared/files/${path}` : `/api/users/${root.userId}/files/${path}`
}

/** One word for a tree, as part of a key. */
export function rootKey(root: Root): string {
  return root.kind === 'shared' ? 'shared' : `users/${root.userId}`
}

/**
 * The names below a page in an address such as `/lab/console/files/data/a%2Fb/c`. Routers decode an address as a whole, and then nobody
 * can tell `%23` in a name from `#`.
 */
export function namesBelow(address: string, page: string): string[] {
  if (address !== page && !address.startsWith(`${page}/`)) return []
  const below = address.slice(page.length + 1).replace(/\/$/, '')
  return below === '' ? [] : below.split('/').map(decoded)
}

/** Whether names lead to what they say. `..`, or a name with a slash, leads to another folder than the page shows. Pure. */
export function areNames(names: readonly string[]): boolean {
  return names.every((name) => name !== '' && name !== '.' && name !== '..' && !name.includes('/'))
}

/** The place that the names in an address lead to; null if there can be no such place. Pure. */
export function placeOf(kind: Root['kind'], names: readonly string[], ownId: string): Place | null {
  if (!areNames(names)) return null
  if (kind !== 'of') return { root: kind === 'shared' ? { kind } : { kind, userId: ownId }, path: names.join('/') }
  const [userId, ...rest] = names
  return userId === undefined ? null : { root: { kind, userId }, path: rest.join('/') }
}

/** Whose trash the names in an address lead to; one's own unless they say otherwise. Pure. */
export function trashRootOf(names: readonly string[], ownId: string): Root | null {
  if (!areNames(names)) return null
  const [kind, userId] = names
  if (kind === 'shared') return { kind }
  return kind === 'of' && userId !== undefined ? { kind, userId } : { kind: 'data', userId: ownId }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

export function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/')
}

export function nameOf(path: string): string {
  return path.split('/').at(-1) ?? ''
}

/** A path as it is seen from a folder above it. */
export function nameBelow(path: string, folder: string): string {
  return folder !== '' && isWithin(path, folder) ? path.slice(folder.length + 1) : path
}

/** A folder and all above it, from the top. */
export function trailOf(path: string): { name: string; path: string }[] {
  const names = path.split('/').filter(Boolean)
  return names.map((name, at) => ({ name, path: names.slice(0, at + 1).join('/') }))
}

/** Whether a path is that folder, or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`)
}
