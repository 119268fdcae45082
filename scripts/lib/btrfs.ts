import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseEnv } from 'node:util'
import * as apt from './apt.ts'

const magic = 0x9123683e
// The service says what is wrong with a disk that does not answer; this must not wait for it.
const limitMs = 2_000

/**
 * Brings the program that sets quotas, if the data root is on Btrfs. Without it only counting holds the limits of storage, so its
 * lack stops nothing: the doctor tells of it.
 */
export async function ensureBtrfs(signal: AbortSignal): Promise<void> {
  if (hasProgram() || !apt.canInstall() || !(await isOnBtrfs(dataDir()))) return
  await apt.install(['btrfs-progs'], signal).catch((error: unknown) => {
    console.error(`The program btrfs could not be installed; only counting holds limits of storage. ${String(error)}`)
  })
}

function hasProgram(): boolean {
  return [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].some((folder) => existsSync(`${folder}/btrfs`))
}

function dataDir(): string {
  const settings = existsSync('production.env') ? parseEnv(readFileSync('production.env', 'utf8')) : {}
  return resolve(process.env.DATA_DIR || settings.DATA_DIR || 'ai-lab-data')
}

/** Whether a folder, or the nearest one above it that is there, is on Btrfs. */
async function isOnBtrfs(folder: string): Promise<boolean> {
  const found = await Promise.race([statfs(folder).catch(() => null), sleep(limitMs, 'hangs' as const, { ref: false })])
  if (found === 'hangs') return false
  if (found) return found.type >>> 0 === magic
  return folder !== dirname(folder) && isOnBtrfs(dirname(folder))
}
