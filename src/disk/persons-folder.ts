import type { Owner } from '../domain/people/notebook-user.ts'
import { Problem } from '../domain/problem.ts'

export const isGone =
  'it is gone (no such file or directory). Put it back: is its disk not mounted, or did somebody move the folder?'

export const isNoFolder = 'it is not a folder but a file or a link'

/** Why a person's folder is not used whose owner, or whose owner's rights, are not those that notebooks need; and the cure. */
export function wrongOwner(
  found: { uid: number; gid: number; mode: number },
  { uid, gid }: Owner,
  folder: string,
): string {
  const mode = (found.mode & 0o7777).toString(8)
  return (
    `it belongs to ${found.uid}:${found.gid} with mode ${mode}, notebooks run as ${uid}:${gid}. ` +
    `Is it the mount point of a disk that is not mounted? Mount the disk. If it is this person's folder: chown ${uid}:${gid} '${folder}' && chmod u+rwx '${folder}'`
  )
}

/** Administrators read the path of the folder, and the words of the cause. */
export function folderUnusable(folder: string, cause: unknown): Problem {
  return new Problem('user-folder-unusable', 'Your folder cannot be used as it is. An administrator has to look.', {
    adminDetail: `The person's folder ${folder} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  })
}
