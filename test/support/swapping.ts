import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Renames as fast as it can: each folder `x<n>` becomes a link, and is a folder again, without end. */
const script = `
const { renameSync } = require('node:fs')
const [root, count] = [process.argv[1], Number(process.argv[2])]
const swap = (n, from, to) => { try { renameSync(root + '/' + from + n, root + '/' + to + n) } catch {} }
console.log('swapping')
for (;;) for (let n = 0; n < count; n += 1) {
  swap(n, 'x', '.folder'); swap(n, '.link', 'x')
  swap(n, 'x', '.link'); swap(n, '.folder', 'x')
}`

/**
 * A folder of a hostile person: each of its folders has files with the names that `targets` have, and is swapped for a link to one of
 * them all the time, by a process of its own.
 */
export async function swappingFolder(
  root: string,
  targets: readonly { path: string; names: readonly string[] }[],
  count = targets.length,
) {
  await mkdir(root, { recursive: true })
  for (let n = 0; n < count; n += 1) {
    const target = targets[n % targets.length]
    if (!target) continue
    await mkdir(join(root, `x${n}`))
    await Promise.all(target.names.map((name) => writeFile(join(root, `x${n}`, name), 'my own')))
    await symlink(target.path, join(root, `.link${n}`))
  }
  const child: ChildProcess = spawn(process.execPath, ['-e', script, root, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.stdout) await once(child.stdout, 'data')
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
