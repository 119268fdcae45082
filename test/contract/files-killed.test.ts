/** kill -9 at random instants while files are uploaded, copied, deleted, brought back and removed. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { layOutDataRoot } from '../../src/disk/lay-out-data-root.ts'
import { createChance } from '../e2e/support/chance.ts'

const rounds = Number(process.env.KILL_ROUNDS ?? 100)
const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000)
const worker = fileURLToPath(new URL('../support/files-worker.ts', import.meta.url))
const packed = Array.from({ length: 12 }, (_, number) => `f${number}`)

// Trouble (files): kill -9 in the middle of an upload, a copy, a deletion or a restore, 100 times
test(`after each of ${rounds} kills each file and folder is whole or absent, and the trash agrees with its list (KILL_SEED=${seed})`, async () => {
  console.log(`KILL_SEED=${seed} KILL_ROUNDS=${rounds}`)
  const folder = await mkdtemp('/dev/shm/ai-lab-killed-')
  const chance = createChance(seed)
  const rootId = '5f3c0000-0000-4000-8000-000000000000'
  const { path } = await layOutDataRoot(join(folder, 'lab'), rootId, null)
  // What one person deletes is on the file system of the trash; the other's has to be copied there and back.
  for (const name of ['alice', 'bob']) await mkdir(join(path, 'users', name), { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', 'none', join(path, 'users/bob')])
  const met = { left: 0, resumed: 0 }
  try {
    for (const name of ['alice', 'bob']) {
      const pack = join(path, 'users', name, 'pack')
      await mkdir(pack)
      for (const file of packed) await writeFile(join(pack, file), `${'p'.repeat(1_000)}1\n${'p'.repeat(2 ** 16)}`)
    }
    execFileSync('chown', ['-R', '1000:100', join(path, 'users/alice'), join(path, 'users/bob')])
    for (let round = 1; round <= rounds; round += 1) {
      met.left += (await leftOvers(path)).length
      const child = spawn(process.execPath, [worker, path, rootId, String(seed + round)], {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: join(folder, 'compiled') },
      })
      let said = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
      const [line] = await once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(30_000) })
      const { trash, resumed } = JSON.parse(line)
      met.resumed += resumed
      const about = `KILL_SEED=${seed}, round ${round}`
      expect(await leftOvers(path), about).toEqual([])
      expect((await readdir(join(path, 'admin/trash'))).sort(), about).toEqual(trash.sort())
      for (const at of ['users/alice', 'users/bob', 'admin/trash']) {
        for (const name of await readdir(join(path, at))) {
          if (name !== '.ai-lab-work') await requireWhole(join(path, at, name), about)
        }
      }
      child.stdin.write('go\n')
      await sleep(chance.int(120))
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect(said, about).toBe('')
    }
    console.log(`${met.left} left over after the kills, ${met.resumed} copies resumed`)
    expect(met.left * met.resumed, 'the kills came too early or too late').toBeGreaterThan(0)
  } finally {
    execFileSync('umount', ['--lazy', join(path, 'users/bob')])
    execFileSync('rm', ['-rf', folder])
  }
}, 600_000)

/** What is unfinished in the work folders and in the trash. */
async function leftOvers(path: string): Promise<string[]> {
  const lists = ['users/alice/.ai-lab-work', 'users/bob/.ai-lab-work', 'admin/trash'].map(async (at) => {
    const names = await readdir(join(path, at)).catch(() => [])
    return at === 'admin/trash' ? names.filter((name) => name.startsWith('.half-')) : names
  })
  return (await Promise.all(lists)).flat()
}

/** A file has a letter a thousand times, the number of its pieces, and then those pieces. A folder has twelve files. */
async function requireWhole(path: string, about: string): Promise<void> {
  if ((await stat(path)).isDirectory()) {
    expect((await readdir(path)).sort(), `${about}: ${path}`).toEqual([...packed].sort())
    for (const name of packed) await requireWhole(join(path, name), about)
    return
  }
  const text = await readFile(path, 'latin1')
  const [, letter = '', pieces] = /^([a-z])\1{999}(\d+)\n/.exec(text) ?? []
  const rest = text.slice(text.indexOf('\n') + 1)
  expect([rest.length, rest.replaceAll(letter, '')], `${about}: ${path}`).toEqual([Number(pieces) * 2 ** 16, ''])
}
