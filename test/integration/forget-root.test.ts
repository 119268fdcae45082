import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { forgetRoot } from '../../src/commands/forget-root.ts'
import { createForgetRoot } from '../../src/consistency/forget-root.ts'
import { lookAtRoot } from '../../src/disk/look-at-root.ts'
import { probeName } from '../../src/domain/names.ts'
import { createFakeEngine } from '../support/fake-engine.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ai-lab-forget-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

const witness = () => ({ name: 'ai-lab-root-gone', rootId: 'root-gone', hostPath: dataDir })

async function opened() {
  const engine = createFakeEngine()
  await engine.keepWitness(witness())
  await engine.keepWitness({ name: 'ai-lab-root-other', rootId: 'root-other', hostPath: '/srv/other' })
  const said: string[] = []
  const root = createForgetRoot({ look: () => lookAtRoot(dataDir), engine, hostDataPath: null })
  const run = (yes: boolean, ask: (() => Promise<boolean>) | null) =>
    forgetRoot(root, { yes, terminal: { say: (text) => said.push(text), ask } })
  return { engine, said, run, kept: () => [...engine.witnessVolumes.keys()] }
}

// Trouble (first-hour): the data root was removed on purpose, and the service waits for it for ever
test('once somebody agrees, forget-root removes the witness and probe of a missing root, and no file', async () => {
  await writeFile(join(dataDir, 'left-over'), 'x')
  const { engine, said, run, kept } = await opened()
  expect(await run(false, async () => true)).toBe(0)
  expect(kept()).toEqual(['ai-lab-root-other'])
  expect(engine.calls).toContainEqual({ name: 'remove', id: probeName('root-gone', dataDir) })
  expect(said.join('\n')).toContain('root root-gone (volume ai-lab-root-gone)')
  expect(await readdir(dataDir)).toEqual(['left-over'])
  expect(await run(true, null)).toBe(0)
  expect(said.at(-1)).toContain('there is nothing to forget')
})

test('forget-root forgets nothing after a no or without a terminal, but does so with --yes', async () => {
  const { run, kept } = await opened()
  expect(await run(false, async () => false)).toBe(1)
  await expect(run(false, null)).rejects.toThrow('With --yes it is done')
  expect(kept()).toHaveLength(2)
  expect(await run(true, null)).toBe(0)
  expect(kept()).toEqual(['ai-lab-root-other'])
})

// Trouble (first-hour): the disk is mounted while somebody thinks about the question
test('forget-root keeps a root that comes back while somebody thinks about the question', async () => {
  const { run, kept } = await opened()
  const ask = async () => {
    await mkdir(join(dataDir, 'users'))
    await writeFile(join(dataDir, 'users/.ai-lab-root'), 'c0ffee00-0000-4000-8000-000000000000\n')
    return true
  }
  await expect(run(false, ask)).rejects.toThrow('Nothing is forgotten.')
  expect(kept()).toHaveLength(2)
})

test('forget-root changes nothing when the engine does not answer', async () => {
  const { engine, run } = await opened()
  engine.reachable = false
  await expect(run(true, null)).rejects.toThrow('The engine cannot be asked')
})
