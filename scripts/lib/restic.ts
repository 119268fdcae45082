import { existsSync } from 'node:fs'
import * as apt from './apt.ts'

/** Installs the program that makes backups. The service runs without it too, and then says that nothing is backed up. */
export async function ensureRestic(signal: AbortSignal): Promise<void> {
  if (existsSync('/usr/bin/restic')) return
  if (apt.canInstall()) return await apt.install(['restic'], signal)
  console.error('restic is missing, so no backups can be made: sudo apt-get install restic')
}
