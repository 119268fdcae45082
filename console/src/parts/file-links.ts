/** Where the file browser shows a path below the data root: one's own folder or the shared one; null if it shows neither. Pure. */
export function browserOf(path: string, userId: string): string | null {
  const own = `users/${userId}`
  if (path === own || path.startsWith(`${own}/`)) return addressOf('data', path.slice(own.length))
  if (path === 'shared' || path.startsWith('shared/')) return addressOf('shared', path.slice('shared'.length))
  return null
}

function addressOf(tree: 'data' | 'shared', path: string): string {
  const names = path.split('/').filter((name) => name !== '')
  return ['/console/files', tree, ...names.map(encodeURIComponent)].join('/')
}
