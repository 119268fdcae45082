import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Folder } from '../../../src/disk/folder.ts'
import { removeAll } from '../../../src/disk/trees/trash.ts'

const person = 1000

/** Does the work without root's rights. */
async function asPerson(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return await work()
  process.seteuid?.(person)
  try {
    await work()
  } finally {
    process.seteuid?.(0)
  }
}

// Trouble (files): a person deletes or restores a folder that they closed even for themselves, and the service runs as their user
test('a folder that its owner has closed moves, stays closed, and can be removed', async () => {
  const place = await mkdtemp(join(tmpdir(), 'ai-lab-folder-'))
  try {
    for (const name of ['from', 'from/closed', 'from/closed/deep', 'to']) await mkdir(join(place, name))
    await chmod(join(place, 'from/closed'), 0o555)
    if (process.getuid?.() === 0) {
      for (const name of ['.', 'from', 'from/closed', 'from/closed/deep', 'to'])
        await chown(join(place, name), person, person)
    }
    await asPerson(async () => {
      await using from = await Folder.open(join(place, 'from'))
      await using to = await Folder.open(join(place, 'to'))
      await from.moveTo('closed', to, 'moved')
    })
    expect((await stat(join(place, 'to/moved'))).mode & 0o777).toBe(0o555)
    await asPerson(async () => {
      await using to = await Folder.open(join(place, 'to'))
      await removeAll(to, 'moved')
    })
    expect(await readdir(join(place, 'to'))).toEqual([])
  } finally {
    await rm(place, { recursive: true })
  }
})
