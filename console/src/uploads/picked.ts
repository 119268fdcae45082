/** Files that somebody picked or dropped, with their paths. Pure. */
import { joined, parentOf, trailOf } from '../files/place.ts'

/** `path`: below the folder that was picked, which is its first part. */
export type Picked = { file: File; path: string }

type Given = Pick<File, 'name'> & { webkitRelativePath?: string; path?: string; relativePath?: string }

/** Where a file was: browsers and libraries say it in three ways. */
export function pathOfPicked(file: Given): string {
  const path = file.webkitRelativePath || file.relativePath || file.path || file.name
  return path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .join('/')
}

/**
 * Tells for paths below a folder whether one of the folders on the way is missing: then nothing below it can be taken. Each folder is
 * looked at once.
 */
export function firstMissing(
  isMissing: (path: string) => Promise<boolean>,
): (folder: string, path: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>()
  return async (folder, path) => {
    for (const { path: each } of trailOf(parentOf(path))) {
      const whole = joined(folder, each)
      const answer = known.get(whole) ?? isMissing(whole)
      known.set(whole, answer)
      if (await answer) return true
    }
    return false
  }
}
