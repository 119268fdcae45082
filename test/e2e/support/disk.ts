import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** A disk: an ext4 file system in a file, which a test can take away and bring back with all its files. */
export type Disk = AsyncDisposable & {
  mount(): Promise<void>
  /** Takes the disk away, as if its cable came out: programs keep their open files, but no program can open one. */
  unplug(): Promise<void>
}

/** Makes a disk of that size and mounts it at `path`, which is an empty folder without the disk. */
export async function createDisk(path: string, size = '64M'): Promise<Disk> {
  const file = `${path}.disk`
  await mkdir(path, { recursive: true })
  await execute('truncate', ['--size', size, file])
  await execute('mkfs.ext4', ['-q', file])
  const disk: Disk = {
    async mount() {
      await execute('mount', ['-o', 'loop', file, path])
    },
    async unplug() {
      await execute('umount', ['--lazy', path])
    },
    async [Symbol.asyncDispose]() {
      if (await isMountPoint(path)) await disk.unplug()
      await rm(file)
    },
  }
  await disk.mount()
  await rm(`${path}/lost+found`, { recursive: true })
  return disk
}

/** Mounts a Btrfs file system in a file at `path`, whose folder `limited` has a quota of that size. */
export async function createQuotaDisk(
  path: string,
  quota: string,
  size = '256M',
): Promise<{ limited: string } & AsyncDisposable> {
  const file = `${path}.disk`
  const limited = join(path, 'limited')
  await mkdir(path, { recursive: true })
  await execute('truncate', ['--size', size, file])
  await execute('mkfs.btrfs', ['-q', file])
  await execute('mount', ['-o', 'loop', file, path])
  await execute('btrfs', ['quota', 'enable', path])
  await execute('btrfs', ['subvolume', 'create', limited])
  await execute('btrfs', ['qgroup', 'limit', quota, limited])
  return {
    limited,
    async [Symbol.asyncDispose]() {
      await execute('umount', ['--lazy', path])
      await rm(file)
    },
  }
}

function isMountPoint(path: string): Promise<boolean> {
  return execute('mountpoint', ['--quiet', path]).then(
    () => true,
    () => false,
  )
}

/** A disk that can hang, like one on a server that does not answer: every program that touches it waits. */
export type HangingDisk = AsyncDisposable & { hang(): Promise<void>; goOn(): void }

/** Mounts the files of `from` at `path`, through a process that can be stopped. */
export async function createHangingDisk(from: string, path: string): Promise<HangingDisk> {
  await mkdir(path, { recursive: true })
  const before = await stat(path)
  const server = spawn('bindfs', ['-f', from, path], { stdio: 'ignore' })
  for (const deadline = Date.now() + 10_000; (await stat(path)).dev === before.dev; ) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`bindfs did not mount ${path}`)
  }
  const requests = await requestsOf((await stat(path)).dev)
  return {
    // The kernel waits for a request that the server has begun and does not finish, whatever ends its program, kill -9
    // included. A dead server in the network begins none. So stop this one between two requests.
    async hang() {
      for (;;) {
        server.kill('SIGSTOP')
        while ((await readFile(`/proc/${server.pid}/stat`, 'utf8')).split(') ')[1]?.[0] !== 'T');
        if ((await requests()) === 0) return
        server.kill('SIGCONT')
        await sleep(10)
      }
    },
    goOn: () => server.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      server.kill('SIGCONT')
      const ended = once(server, 'exit')
      await execute('umount', ['--lazy', path])
      server.kill('SIGKILL')
      await ended
    },
  }
}

/** Gives a function that counts the requests which a FUSE file system has not answered yet. */
async function requestsOf(device: number): Promise<() => Promise<number>> {
  const control = '/sys/fs/fuse/connections'
  if (!(await isMountPoint(control))) await execute('mount', ['-t', 'fusectl', 'none', control])
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00)
  return async () => Number(await readFile(`${control}/${minor}/waiting`, 'utf8'))
}
