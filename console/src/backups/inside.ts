import type { BackupEntry } from '../api/bodies.ts'

/** Folders first, then all else, as the service has them. Pure. */
export function inOrder(entries: readonly BackupEntry[]): BackupEntry[] {
  return [...entries.filter(({ type }) => type === 'folder'), ...entries.filter(({ type }) => type !== 'folder')]
}

/** The folders above a path, from the top: what a way back needs. Pure. */
export function wayTo(path: string): { name: string; path: string }[] {
  const names = path.split('/').filter((name) => name !== '')
  return names.map((name, at) => ({ name, path: names.slice(0, at + 1).join('/') }))
}

export function below(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`
}

/** Whose folder of a backup is looked at. `folder`: as the backup names it, `users/<id>` or `shared`. */
export type Asked = { folder: string; isAdmin: boolean; userId: string }

/**
 * The folder that is looked at. An address may name any folder, and only administrators have others' than their own and the shared one. Null: the backup has none. Pure.
 */
export function folderShown(
  wanted: string | null,
  { isAdmin, userId, folders }: { isAdmin: boolean; userId: string; folders: readonly string[] },
): string | null {
  const own = `users/${userId}`
  if (!isAdmin) return wanted === 'shared' ? wanted : own
  return wanted ?? (folders.includes(own) ? own : (folders[0] ?? null))
}

/** The calls for a part of a backup: administrators have them for all, people for their own. Pure. */
export function callsFor(
  backup: string,
  { folder, isAdmin, userId }: Asked,
): {
  files: { path: string; query: Record<string, string> }
  /** One file, as a download. */
  content: { path: string; query: Record<string, string> }
  restore: { path: string; body: Record<string, unknown> }
} {
  const id = encodeURIComponent(backup)
  const calls = (base: string, query: Record<string, string>, body: Record<string, unknown>) => ({
    files: { path: `${base}/files`, query },
    content: { path: `${base}/content`, query },
    restore: { path: `${base}/restore`, body },
  })
  if (!isAdmin) {
    const tree = folder === 'shared' ? 'shared' : `users/${encodeURIComponent(userId)}`
    return calls(`${tree}/backups/${id}`, {}, {})
  }
  const base = `admin/backups/${id}`
  if (folder === 'shared') return calls(base, { shared: 'true' }, { shared: true })
  const user_id = folder.slice('users/'.length)
  return calls(base, { user_id }, { user_id })
}

/** The folders of a backup that can be looked into: the records of the lab come back only with the whole lab. Pure. */
export function openable(folders: readonly string[]): string[] {
  return folders.filter((folder) => folder !== 'admin')
}
