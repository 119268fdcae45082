import { execFile } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** A disk of its own: an ext4 file system in a file, which can be taken away and brought back with all that is on it. */
export type Disk = AsyncDisposable & {
  mount(): Promise<void>
  /** Takes it away, as a cable that comes out: who has a file open keeps it, nobody else finds it. */
  unplug(): Promise<void>
}

/** Makes a disk that is mounted at `path`, which becomes an empty folder without it. */
export async function createDisk(path: string): Promise<Disk> {
  const file = `${path}.disk`
  await mkdir(path, { recursive: true })
  await execute('truncate', ['--size', '64M', file])
  await execute('mkfs.ext4', ['-q', file])
  let mounted = false
  const disk: Disk = {
    async mount() {
      await execute('mount', ['-o', 'loop', file, path])
      mounted = true
    },
    async unplug() {
      await execute('umount', ['--lazy', path])
      mounted = false
    },
    async [Symbol.asyncDispose]() {
      if (mounted) await disk.unplug()
      await rm(file)
    },
  }
  await disk.mount()
  await rm(`${path}/lost+found`, { recursive: true })
  return disk
}
