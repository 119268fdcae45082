import { addressOf } from '../files/place.ts'

/** Where the file browser shows a path below the data root: one's own folder or the shared one; null if it shows neither. Pure. */
export function browserOf(path: string, userId: string): string | null {
  const own = `users/${userId}`
  if (path === own || path.startsWith(`${own}/`))
    return addressOf({ root: { kind: 'data', userId }, path: trimmed(path.slice(own.length)) })
  if (path === 'shared' || path.startsWith('shared/'))
    return addressOf({ root: { kind: 'shared' }, path: trimmed(path.slice('shared'.length)) })
  return null
}

function trimmed(path: string): string {
  return path.split('/').filter(Boolean).join('/')
}
