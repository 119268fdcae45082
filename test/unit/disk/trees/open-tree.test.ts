import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTree, type RootUses } from '../../../../src/disk/trees/open-tree.ts'
import { userId } from '../../../../src/domain/people/user-id.ts'

const isRoot = process.getuid?.() === 0 // only root gives a folder away
const service = isRoot ? 1000 : (process.getuid?.() ?? 0)
const rootId = '5f3c0000-0000-4000-8000-000000000000'
const alice = { kind: 'person', userId: userId.parse('alice') } as const

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ai-lab-open-tree-'))
  await mkdir(join(root, 'users/alice'), { recursive: true })
  await writeFile(join(root, 'users/.ai-lab-root'), rootId)
  await chmod(root, 0o755)
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** Opens the closed folder of alice as a service that is not root. `of`: whom it belongs to. */
async function openClosed(of: number): Promise<unknown> {
  const own = join(root, 'users/alice')
  if (isRoot) await chown(own, of, of)
  await chmod(own, 0)
  if (isRoot) process.seteuid?.(service)
  try {
    const callsAt = () => (call: () => unknown) => call()
    const uses = { root, rootId, callsAt, hadFolder: async () => true, owner: { uid: service, gid: service } }
    return await openTree(uses as unknown as RootUses, alice)
  } catch (error) {
    return error
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

// Trouble (files): a service that is not root cannot look into a person's folder
test('a folder that its owner has closed is told from one of another user', async () => {
  expect(await openClosed(service)).toMatchObject({ code: 'EACCES' })
  if (isRoot) expect(await openClosed(0)).toMatchObject({ code: 'user-folder-unusable' })
})
