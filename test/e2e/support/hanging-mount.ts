import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** A file system that answers nobody, as that of a file server that died: FUSE, and nobody who reads its questions. */
export async function mountThatHangs(path: string): Promise<AsyncDisposable & { path: string }> {
  await mkdir(path)
  const fuse = openSync('/dev/fuse', 'r+')
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0'
  const mount = spawn('mount', ['-i', '-t', 'fuse', '-o', options, 'none', path], {
    stdio: ['ignore', 'inherit', 'inherit', fuse],
  })
  const [code] = await once(mount, 'exit')
  if (code !== 0) throw new Error(`mount ended with ${code}`)
  return {
    path,
    async [Symbol.asyncDispose]() {
      // By force: it lets go of those who wait. Nothing here needs one of the process's threads, which may all wait.
      await execute('umount', ['--force', '--lazy', path])
      closeSync(fuse)
    },
  }
}
