/**
 * Settles what an earlier process left in a data root, prints what is in the trash by the records, and then, after a line of input,
 * changes files by chance until it is killed. Arguments: the data root, its id, a seed.
 */
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { createJobStore } from '../../src/database/job-store.ts'
import { openSqlite } from '../../src/database/open.ts'
import { createTrashStore } from '../../src/database/trash-store.ts'
import { createFileTrees } from '../../src/disk/trees/file-trees.ts'
import type { Tree } from '../../src/domain/files/tree.ts'
import type { Caller } from '../../src/domain/people/account.ts'
import { userId } from '../../src/domain/people/user-id.ts'
import { createBeginCopy, createRunCopy } from '../../src/files/copies.ts'
import { createTrash } from '../../src/files/trash.ts'
import { createJobs } from '../../src/jobs/jobs.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { createChance } from '../e2e/support/chance.ts'

const [path = '', rootId = '', seed = '0'] = process.argv.slice(2)
const chance = createChance(Number(seed))
const clock = systemClock
const onError = (error: unknown) => console.error(error)
const trees = createFileTrees({ root: path, rootId, owner: { uid: 1000, gid: 100 } })
const database = await openSqlite(join(path, 'admin/ai-lab.db'))
const [store, jobStore] = [createTrashStore(database), createJobStore(database)]
const trash = createTrash({ trees, store, clock, requireChange: async () => {}, keepMs: null, onError })
const log = {
  ended: () => {},
  // No change has a place that another one may take: a copy that finds itself there was not resumed well.
  failed: (_job: unknown, error: unknown) => onError(error),
  notRecorded: () => {},
}
const closing = new AbortController().signal
const storage = { roomFor: async () => null, wrote: () => {} }
const jobs = createJobs({ store: jobStore, clock, log, closing, onError })
jobs.define('copy', { atOnce: 2, run: createRunCopy({ trees, requireCopier: async () => {}, storage }) })
const beginCopy = createBeginCopy({ begin: jobs.begin, prepare: async () => {} })
const people = ['alice', 'bob'].map((name) => userId.parse(name))
const rights = {
  tier: 'default',
  kind: 'token',
  credentialId: 'x',
  role: 'admin',
  scopes: null,
  expiresAt: null,
} as const

flushCompileCache() // a killed process would not
await trash.work(AbortSignal.abort())
const underWay = await jobStore.underWay()
jobs.work(closing).catch(onError)
for (const job of underWay) {
  await jobs.untilEnded({ ...rights, userId: job.userId }, job.id, { limitMs: 20_000, signal: closing })
}
const records = await store.list({ tree: null, after: null, limit: 10_000 })
console.log(JSON.stringify({ trash: records.map(({ id }) => id), resumed: underWay.length }))
await once(process.stdin, 'data')
for (;;) await Promise.all(people.map((id) => change({ ...rights, userId: id }).catch(unlessExpected)))

async function change(caller: Caller): Promise<void> {
  const tree: Tree = { kind: 'person', userId: caller.userId }
  const number = chance.int(1_000_000)
  const mine = (await readdir(join(path, 'users', caller.userId))).filter((name) => name !== '.ai-lab-work')
  const trashed = await store.list({ tree, after: null, limit: 100 })
  const acts = [
    () => trees.write(tree, [`doc-${number % 4}`], content(), { signal: closing }),
    () => beginCopy(caller, { tree, path: ['pack'] }, { tree, path: [`copy-${number}`] }),
    () => trash.put(caller, tree, [chance.pick(mine.filter((name) => name !== 'pack'))], {}),
    () => trash.restore(caller, chance.pick(trashed).id, [`back-${number}`]),
    () => trash.remove(caller, chance.pick(trashed).id),
  ]
  // More is deleted where there is much.
  const act = mine.length > 8 ? acts[2] : trashed.length > 8 ? acts[4] : chance.pick(acts)
  await act?.()
}

async function* content(): AsyncGenerator<Buffer> {
  const letter = String.fromCharCode(97 + chance.int(26))
  const pieces = 1 + chance.int(20)
  yield Buffer.from(`${letter.repeat(1_000)}${pieces}\n`)
  for (let piece = 0; piece < pieces; piece += 1) yield Buffer.alloc(2 ** 16, letter)
}

function unlessExpected(error: Error & { code?: string }): void {
  const isExpected = ['file-not-found', 'file-exists', 'trash-not-found', 'too-many-at-once', 'job-under-way'].includes(
    error.code ?? '',
  )
  if (!isExpected && error.message !== 'there is nothing to pick from') onError(error)
}
