import { existsSync } from 'node:fs'
import * as apt from './apt.ts'
import { Failure } from './failure.ts'

/** What the tests take disks away with, hang them, and cut an engine off, and the packages that these come in. */
const packages = { 'mkfs.ext4': 'e2fsprogs', bindfs: 'bindfs', ip: 'iproute2' }

export async function ensureTools(signal: AbortSignal): Promise<void> {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
  const missing = Object.entries(packages).filter(
    ([tool]) => !folders.some((folder) => existsSync(`${folder}/${tool}`)),
  )
  if (missing.length === 0) return
  const names = missing.map(([, name]) => name)
  if (!apt.canInstall())
    throw new Failure(`The tests need ${names.join(', ')}: sudo apt-get install ${names.join(' ')}`)
  await apt.install(names, signal)
}
