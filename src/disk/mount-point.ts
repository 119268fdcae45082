import { readFile } from 'node:fs/promises'

/** Whether a path is a mount point, by the kernel's list. It does not touch the path itself, which may hang. */
export async function isMountPoint(path: string): Promise<boolean> {
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')
  return mountPointsIn(mountinfo).has(path)
}

/** The mount points in the text of /proc/<pid>/mountinfo: the fifth field, with blanks and the like in octal. Pure. */
export function mountPointsIn(mountinfo: string): Set<string> {
  const points = mountinfo.split('\n').flatMap((line) => line.split(' ')[4] ?? [])
  return new Set(
    points.map((point) => point.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))),
  )
}
