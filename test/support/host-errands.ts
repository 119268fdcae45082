import { spawn } from 'node:child_process'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ResticUses } from '../../src/restic/restic-run.ts'

/** Makes the folders, mounts what the errand sees, takes its name, and becomes the program. */
const script = `
rootfs=$1 name=$2; shift 2
hostname "$name"
while [ "$1" != -- ]; do
  mount --bind "$1" "$rootfs$2"
  [ "$3" = rw ] || mount -o remount,bind,ro "$rootfs$2"
  shift 3
done
shift
exec chroot "$rootfs" "$@"`

/**
 * Runs errands as processes of this machine, each in a mount namespace of its own: a tenth of the work that a container is. Needs root.
 *
 * `rootfs`: the files of their image. `running`: a folder that remembers which run, for the next process after a kill.
 */
export function hostErrands(rootfs: string, running: string): ResticUses['engine'] {
  return {
    inspect: async () => null, // `endErrands` comes first
    importImage: async () => {},

    async endErrands() {
      for (const pid of await readdir(running)) {
        try {
          process.kill(Number(pid), 'SIGKILL')
        } catch {
          // it has ended
        }
        await rm(join(running, pid))
      }
    },

    async runErrand({ name, mounts, command, env, secret }, onLine) {
      for (const { target } of mounts) await mkdir(join(rootfs, target), { recursive: true })
      const binds = mounts.flatMap(({ source, target, readOnly }) => [source, target, readOnly ? 'ro' : 'rw'])
      const args = ['--mount', '--uts', 'sh', '-ec', script, 'sh', rootfs, name, ...binds, '--', ...command]
      const child = spawn('unshare', args, { env: { PATH: process.env.PATH, ...env } })
      const note = join(running, String(child.pid))
      await writeFile(note, '')
      for (const stream of ['stdout', 'stderr'] as const) {
        createInterface(child[stream]).on('line', (text) => onLine({ stream, text }))
      }
      child.stdin.on('error', () => {})
      child.stdin.end(`${secret}\n`)
      const { promise, resolve, reject } = Promise.withResolvers<number>()
      child.once('error', reject)
      child.once('close', (code) => resolve(code ?? 137))
      const code = await promise
      await rm(note)
      return code
    },
  }
}
