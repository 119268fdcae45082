import { execFile, spawnSync } from 'node:child_process'
import type { Stats } from 'node:fs'
import { lstat, statfs } from 'node:fs/promises'
import { fileSystemNumber } from '../domain/file-system.ts'
import { userFolder } from '../domain/names.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { quotaGroupsIn } from '../domain/usage/quota-groups.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { systemCode } from '../lib/system-code.ts'
import type { FolderQuotas, QuotaSight } from '../ports/folder-quotas.ts'
import { isCode } from './files.ts'
import { isMountPoint } from './mount-point.ts'

/** Every subvolume begins with this inode (btrfs(5)). */
const firstInode = 256
const limitMs = 30_000
const inSbin = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

export async function isBtrfs(path: string): Promise<boolean> {
  return (await statfs(path)).type >>> 0 === fileSystemNumber.btrfs
}

/** Makes a subvolume, if the file system is Btrfs and its program is there. Gives whether it did. Needs no root. */
export async function makeSubvolume(path: string, folder: string): Promise<boolean> {
  if (!(await isBtrfs(folder))) return false
  return btrfs('subvolume', 'create', path).then(
    () => true,
    () => false,
  )
}

/** Quota groups of people's folders on Btrfs, through Debian's program `btrfs`. */
export function createBtrfsQuotas(root: string): FolderQuotas {
  const users = `${root}/users`
  const folderOf = (id: UserId) => `${root}/${userFolder(id)}`
  // Each subvolume has a device number of its own, so the program need not be asked again and again.
  const known = new Map<UserId, { stamp: string; subvolume: number }>()

  async function subvolumeOf(id: UserId): Promise<number | null> {
    const stats = await subvolumeAt(folderOf(id))
    if (stats === null) return null
    const stamp = `${stats.dev} ${stats.birthtimeMs}`
    const before = known.get(id)
    if (before?.stamp === stamp) return before.subvolume
    const subvolume = Number(await btrfs('inspect-internal', 'rootid', folderOf(id)))
    known.set(id, { stamp, subvolume })
    return subvolume
  }

  /**
   * How to name a folder's quota group. By its path Btrfs refuses every change, once the folder takes more than its limit. A folder on a disk
   * of its own has another disk's id.
   */
  async function groupOf(id: UserId): Promise<string[]> {
    const subvolume = (await isMountPoint(folderOf(id))) ? null : await subvolumeOf(id)
    return subvolume === null ? [folderOf(id)] : [`0/${subvolume}`, users]
  }

  return {
    async look() {
      if (!(await isBtrfs(users))) {
        return { kind: 'off', isBtrfs: false, reason: 'the data root is not on Btrfs', isSure: true }
      }
      try {
        return { kind: 'on', groups: quotaGroupsIn(await btrfs('qgroup', 'show', '-re', '--raw', users)) }
      } catch (error) {
        return whyOff(error)
      }
    },
    switchOn: async () => void (await btrfs('quota', 'enable', users)),
    isSubvolume: async (id) => (await subvolumeAt(folderOf(id))) !== null,
    subvolumeOf,
    limit: async (id, bytes) =>
      void (await btrfs('qgroup', 'limit', bytes === null ? 'none' : String(bytes), ...(await groupOf(id)))),
  }
}

export async function isSubvolume(folder: string): Promise<boolean> {
  return (await subvolumeAt(folder)) !== null
}

async function subvolumeAt(folder: string): Promise<Stats | null> {
  const found = await lstat(folder).catch(nullIfMissing)
  return found?.isDirectory() && found.ino === firstInode && (await isBtrfs(folder)) ? found : null
}

/**
 * Keeps the subvolume that is the working directory from growing any more, by no path: its maker could swap what is there. Blocks,
 * so that the process stands there until it is done. Without the right to, it does nothing.
 */
export function stopGrowth(): void {
  spawnSync('btrfs', ['qgroup', 'limit', '4096', '.'], { env: inSbin, timeout: limitMs, stdio: 'ignore' })
}

/** Runs Debian's program `btrfs`. @throws Error with its words */
export function btrfs(...args: string[]): Promise<string> {
  const options = { env: inSbin, timeout: limitMs, maxBuffer: 64 * 2 ** 20 }
  return new Promise((resolve, reject) => {
    execFile('btrfs', args, options, (error, stdout, stderr) => {
      if (error) reject(Object.assign(error, { stderr }))
      else resolve(stdout)
    })
  })
}

/** Why the program shows no quotas. */
export function whyOff(error: unknown): QuotaSight {
  const off = (reason: string, isSure = true): QuotaSight => ({ kind: 'off', isBtrfs: true, reason, isSure })
  if (systemCode(error) === 'ENOENT') return off('the program btrfs is missing (the package btrfs-progs)')
  const words = (error instanceof Error && 'stderr' in error && String(error.stderr).trim()) || reasonOf(error)
  if (/not permitted|permission denied/i.test(words)) return off('only root may read and set quotas')
  if (/not enabled|no such file or directory/i.test(words)) return off(`quotas are not switched on (${words})`)
  return off(`the program btrfs failed (${words})`, false)
}

function nullIfMissing(error: unknown): null {
  if (isCode(error, 'ENOENT')) return null
  throw error
}
