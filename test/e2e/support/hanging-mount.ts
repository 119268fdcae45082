import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** A file system that never answers, like that of a dead file server: FUSE, without a program that reads its requests. */
export async function mountThatHangs(path: string): Promise<AsyncDisposable & { path: string; die: () => void }> {
  await mkdir(path)
  const fuse = openSync('/dev/fuse', 'r+')
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0'
  const mount = spawn('mount', ['-i', '-t', 'fuse', '-o', options, 'none', path], {
    stdio: ['ignore', 'inherit', 'inherit', fuse],
  })
  const [code] = await once(mount, 'exit')
  if (code !== 0) throw new Error(`mount ended with ${code}`)
  let isOpen = true
  const die = () => {
    if (isOpen) closeSync(fuse)
    isOpen = false
  }
  return {
    path,
    /** From then on each call fails at once. */
    die,
    async [Symbol.asyncDispose]() {
      // By force: that ends all waiting calls. This code needs none of the process's threads, which may all be waiting.
      await execute('umount', ['--force', '--lazy', path])
      die()
    },
  }
}
