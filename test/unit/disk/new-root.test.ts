import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createNewRoot } from '../../../src/disk/new-root.ts'
import type { Manifest } from '../../../src/domain/backups/manifest.ts'

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
    `An earlier run has restored the backup monday into ${root}, and was ended before it was done. Complete it: ailab restore monday. Or empty the folder, to restore tuesday.`,
  )
  expect((await readdir(root)).toSorted()).toEqual(['.restoring', 'admin'])
  expect(await newRoot.begin('monday')).toEqual({ isRestored: true })
  await newRoot.publish()
  expect((await readdir(root)).toSorted()).toEqual(['.ai-lab-root', 'admin', 'shared', 'users'])
  expect(await readFile(join(root, '.ai-lab-root'), 'utf8')).toContain(made.root_id)
})
