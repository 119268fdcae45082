import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createNewRoot } from '../../../src/disk/new-root.ts'
import { draftFolder, type Manifest } from '../../../src/domain/backups/manifest.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ai-lab-new-root-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const made: Manifest = {
  ...{ format: 1, backup_id: 'monday', root_id: '5f3c0000-0000-4000-8000-000000000000', version: '1' },
  ...{ made_at: '2026-11-26T03:00:00Z', parts: [], left_out: [] },
}

// Trouble (files): a restore of the whole lab is killed at its end, and another backup is restored then
test('a restore that was killed at its end is completed by a restore of the same backup only', async () => {
  const draft = join(root, '.restoring')
  for (const folder of ['users', 'shared']) await mkdir(join(draft, folder), { recursive: true })
  await mkdir(join(root, 'admin')) // moved already
  await writeFile(join(draft, 'sealed.json'), JSON.stringify(made))
  const newRoot = createNewRoot(root)
  await expect(newRoot.begin('tuesday')).rejects.toThrow(
    `An earlier run has restored the backup monday into ${root}, and was ended before it was done. Complete it: run the same command again, with the backup monday. Or empty the folder, to restore tuesday.`,
  )
  expect((await readdir(root)).toSorted()).toEqual(['.restoring', 'admin'])
  expect(await newRoot.begin('monday')).toEqual({ isRestored: true })
  await newRoot.publish()
  expect((await readdir(root)).toSorted()).toEqual(['.ai-lab-root', 'admin', 'shared', 'users'])
  expect(await readFile(join(root, '.ai-lab-root'), 'utf8')).toContain(made.root_id)
})

// Trouble (files): a person whose folder was left out of a restore comes back to a folder that is missing
test('the person whose folder is left out begins with an empty one of their own', async () => {
  const isRoot = process.getuid?.() === 0 // nobody else gives a folder away
  const owner = isRoot ? { uid: 1234, gid: 100 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const newRoot = createNewRoot(root, owner)
  await newRoot.begin('monday')
  const draft = join(root, '.restoring')
  const copy = join(draft, 'admin', draftFolder)
  await mkdir(copy, { recursive: true })
  await writeFile(join(copy, 'manifest.json'), JSON.stringify(made))
  await writeFile(join(copy, 'ai-lab.db'), '')
  const leftOut = [{ folder: 'users/anna@lab', reason: 'It was to be left out.' }]
  await newRoot.complete(leftOut)
  // Also a later run, which finds the seal, can say it.
  expect(await createNewRoot(root).publish()).toEqual({ ...made, left_out: leftOut })
  const { uid, gid, mode } = await stat(join(root, 'users/anna@lab'))
  expect({ uid, gid }).toEqual(owner)
  expect(mode & 0o777).toBe(0o700)
})
