import { expect, test } from 'vitest'
import { createRunBackup, type RunBackupUses } from '../../../src/backups/run-backup.ts'
import type { BackupPart, BackupSnapshot } from '../../../src/domain/backups/backup.ts'
import type { Tree } from '../../../src/domain/files/tree.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { Problem } from '../../../src/domain/problem.ts'
import { TimeLimitError } from '../../../src/lib/time-limit.ts'

// Trouble (files): the disk of users/ goes away while a backup waits for its turn
test('a backup that has waited for its turn proves the data root again before it lists people', async () => {
  let isThere = true
  const run = createRunBackup({
    async requireProven() {
      if (!isThere) throw new Problem('data-root-not-proven', 'The disk of users/ is away.')
    },
    async open() {
      isThere = false
      const repository = { snapshots: () => expect.fail('nothing may be read') }
      return { repository, [Symbol.asyncDispose]: async () => {} }
    },
    people: () => expect.fail('nobody may be listed'),
    tidy: async () => {},
  } as unknown as RunBackupUses)
  const running = { signal: new AbortController().signal, tell: () => {} }
  await expect(run({ backupId: 'b', pause: false }, running)).rejects.toMatchObject({ code: 'data-root-not-proven' })
})

// Trouble (files): a person's disk is not mounted while backups are made, until none of them has the person's files
test.each([
  'user-folder-unusable',
  'folder-unusable', // its disk does not answer
] as const)('a folder that cannot be used (%s) is left out, and its last backup stays, however old', async (code) => {
  const dayMs = 86_400_000
  const alice = { kind: 'person', userId: userId.parse('alice') } as const
  const snapshot = (backupId: string, part: BackupPart, at: number): BackupSnapshot => ({
    ...{ id: `${backupId} ${part.kind}`, backupId, part, at },
  })
  const whole = (backupId: string, at: number) => [
    snapshot(backupId, alice, at),
    snapshot(backupId, { kind: 'admin' }, at),
  ]
  const snapshots = [...whole('oldest', 0), ...whole('old', dayMs)]
  const dropped: string[] = []
  const repository = {
    snapshots: async () => snapshots,
    async save({ backupId, part }: { backupId: string; part: BackupPart }) {
      snapshots.push(snapshot(backupId, part, 100 * dayMs))
      return { snapshotId: '', files: 0, bytes: 0, addedBytes: 0, unread: { count: 0, examples: [] } }
    },
    drop: async (ids: readonly string[]) => void dropped.push(...ids),
  }
  const run = createRunBackup({
    requireProven: async () => {},
    open: async () => ({ repository, [Symbol.asyncDispose]: async () => {} }),
    people: async () => [alice.userId],
    trees: {
      async look({ kind }: Tree) {
        if (kind === 'person') throw new Problem(code, 'Not as it is.', { adminDetail: 'It is gone.' })
      },
      room: async () => ({ totalBytes: 1 }),
    },
    hold: async () => ({ folder: '', isOfInstant: false, paused: 0, [Symbol.asyncDispose]: async () => {} }),
    tidy: async () => {},
    hostPathOf: async () => '',
    disk: {
      ...{ leftOutOfAdmin: [], room: async () => ({ totalBytes: 1 }) },
      ...{ stage: async () => {}, unstage: async () => {} },
    },
    ...{ keep: { last: 1 }, rootId: 'r', version: 'v', clock: { now: () => 100 * dayMs } },
  } as unknown as RunBackupUses)
  const running = { signal: new AbortController().signal, tell: () => {} }
  expect(await run({ backupId: 'new', pause: false }, running)).toMatchObject({
    left_out: [{ folder: 'users/alice', reason: 'It is gone.' }],
  })
  expect(dropped).toEqual(['oldest admin', 'oldest person'])
})

// Trouble (files): a backup fills the disk of the data root, which has its repository too
test('a backup ends before it takes the last room of the data root, and removes what no backup needs', async () => {
  let freeBytes = 300 * 2 ** 20
  const dropped: unknown[] = []
  const alice = { kind: 'person', userId: userId.parse('alice') } as const
  const repository = {
    snapshots: async () => [
      { id: 'a', backupId: 'old', part: alice, at: 0 },
      { id: 'b', backupId: 'old', part: { kind: 'admin' }, at: 0 },
      { id: 'c', backupId: 'failed', part: alice, at: 1 },
    ],
    save: (_: unknown, __: unknown, { signal }: { signal: AbortSignal }) => {
      freeBytes = 100 * 2 ** 20
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
    drop: async (...args: unknown[]) => void dropped.push(args),
  }
  const run = createRunBackup({
    requireProven: async () => {},
    open: async () => ({ repository, [Symbol.asyncDispose]: async () => {} }),
    people: async () => [alice.userId],
    trees: { look: async () => {}, room: async () => ({ totalBytes: 1 }) },
    hold: async () => ({ folder: '', isOfInstant: false, paused: 0, [Symbol.asyncDispose]: async () => {} }),
    tidy: async () => {},
    hostPathOf: async () => '',
    disk: {},
    ownRoom: async () => ({ freeBytes, totalBytes: 2 ** 40, freeFiles: 0, totalFiles: 0 }),
    ...{ keep: { last: 1 }, rootId: 'r', version: 'v', clock: { now: () => 0, sleep: async () => {} } },
  } as unknown as RunBackupUses)
  const running = { signal: new AbortController().signal, tell: () => {} }
  await expect(run({ backupId: 'new', pause: false }, running)).rejects.toMatchObject({
    code: 'no-room',
    detail:
      'The disk of the data root, which has the backups too, has too little room left. What no backup needs was removed. See docs/backups.md, "A full disk".',
  })
  expect(dropped).toEqual([[['c'], { signal: running.signal, isFull: true }]])
})

/**
 * A backup of a lab with one person. `look`: what happens when the folder of that person is looked at; it gets how often it was
 * saved before. `room`: the same when its disk is measured. `earlier`: the snapshots of earlier runs. `unread`: how much of that folder
 * cannot be read.
 */
async function backedUp({
  look,
  room = look,
  earlier = [],
  unread = 0,
}: {
  look: (saved: number) => void
  room?: (saved: number) => void
  earlier?: BackupSnapshot[]
  unread?: number
}) {
  const snapshots: BackupSnapshot[] = [...earlier]
  const dropped: string[] = []
  const saved = () => snapshots.filter((each) => each.part.kind === 'person' && !earlier.includes(each)).length
  const repository = {
    snapshots: async () => snapshots,
    async save({ backupId, part }: { backupId: string; part: BackupPart }) {
      const first = `new ${part.kind}`
      const id = snapshots.some((each) => each.id === first) ? `${first} again` : first
      snapshots.push({ id, backupId, part, at: 1 })
      return { ...{ snapshotId: id, files: 0, bytes: 0, addedBytes: 0 }, unread: { count: unread, examples: [] } }
    },
    drop: async (ids: readonly string[]) => void dropped.push(...ids),
  }
  const ofPerson =
    (ask: (saved: number) => void) =>
    async ({ kind }: Tree) => {
      if (kind === 'person') ask(saved())
      return { totalBytes: 1 }
    }
  const run = createRunBackup({
    requireProven: async () => {},
    open: async () => ({ repository, [Symbol.asyncDispose]: async () => {} }),
    people: async () => [userId.parse('alice')],
    trees: { look: ofPerson(look), room: ofPerson(room) },
    hold: async () => ({ folder: '', isOfInstant: false, paused: 0, [Symbol.asyncDispose]: async () => {} }),
    tidy: async () => {},
    hostPathOf: async () => '',
    ownRoom: null,
    disk: {
      ...{ leftOutOfAdmin: [], room: async () => ({ totalBytes: 1 }) },
      ...{ stage: async () => {}, unstage: async () => {} },
    },
    ...{ keep: { last: 1 }, rootId: 'r', version: 'v', clock: { now: () => 1 } },
  } as unknown as RunBackupUses)
  const result = await run({ backupId: 'new', pause: false }, { signal: new AbortController().signal, tell: () => {} })
  return { leftOut: result.left_out, saved: snapshots.map(({ id }) => id), dropped }
}

const away = new Problem('user-folder-unusable', 'Not as it is.')
const slow = new Problem('folder-unusable', 'Its disk does not answer.', { cause: new TimeLimitError() })
const failing = new Problem('folder-unusable', 'Its disk fails.', {
  cause: Object.assign(new Error(), { code: 'EIO' }),
})

const ofAlice = (backupId: string): BackupSnapshot => ({
  ...{ id: `${backupId} earlier`, backupId, at: 0 },
  part: { kind: 'person', userId: userId.parse('alice') },
})
/** A whole backup of yesterday. */
const yesterday: BackupSnapshot[] = [
  ofAlice('yesterday'),
  { id: 'yesterday admin', backupId: 'yesterday', part: { kind: 'admin' }, at: 0 },
]

// Trouble (files): one person's folder is on a file server of its own, which dies just before a backup reads it
test('a folder whose disk stops answering after the first look is left out', async () => {
  const { leftOut, saved } = await backedUp({
    look() {},
    room() {
      throw new Problem('folder-unusable', 'Its disk does not answer.')
    },
  })
  expect(leftOut).toEqual([{ folder: 'users/alice', reason: 'Its disk does not answer.' }])
  expect(saved).toEqual(['new shared', 'new admin'])
})

// Trouble (files): a person closes their own folder, for all time or while it is backed up
test('a folder that its owner has closed is backed up', async () => {
  const closed = new Problem('folder-unusable', 'See its mode.', {
    cause: Object.assign(new Error(), { code: 'EACCES' }),
  })
  const { leftOut, saved } = await backedUp({
    look() {
      throw closed
    },
  })
  expect([leftOut, saved]).toEqual([[], ['new person', 'new shared', 'new admin']])
})

// Trouble (files): the disk of a person does not answer for some seconds after hours of reading
test('a folder whose disk does not answer after it was read keeps its snapshot', async () => {
  const { leftOut, dropped } = await backedUp({
    look(saved) {
      if (saved > 0) throw slow
    },
  })
  expect([leftOut, dropped]).toEqual([[], []])
})

test('a folder whose disk does not answer at first is tried once more', async () => {
  let looks = 0
  const { leftOut } = await backedUp({
    look() {
      looks += 1
      if (looks === 1) throw new Problem('folder-unusable', 'Its disk does not answer.')
    },
  })
  expect(leftOut).toEqual([])
})

test.each([
  ['goes away', away, 0],
  ['fails', failing, 0],
  ['does not answer, and some files could not be read,', slow, 7],
] as const)(
  'a folder whose disk %s while it is read is left out, and the backup keeps nothing of it',
  async (_, error, unread) => {
    const { leftOut, dropped, saved } = await backedUp({
      earlier: yesterday,
      unread,
      look(saved) {
        if (saved > 0) throw error
      },
    })
    expect(leftOut).toEqual([{ folder: 'users/alice', reason: error.adminDetail }])
    expect(dropped).toEqual(saved.filter((id) => id.startsWith('new person')))
  },
)

// Trouble (files): a disk fails for a moment in the middle of a backup
test('a folder that is saved whole at the second try leaves nothing of the first', async () => {
  let looks = 0
  const { leftOut, dropped, saved } = await backedUp({
    earlier: yesterday,
    look() {
      looks += 1
      if (looks === 3) throw failing // after the first save, and the look at the room
    },
  })
  expect(leftOut).toEqual([])
  expect(saved).toContain('new person again')
  expect(dropped).toEqual(['new person'])
})

test('what was read of a folder that no other backup has stays', async () => {
  const { leftOut, dropped } = await backedUp({
    look(saved) {
      if (saved > 0) throw away
    },
  })
  expect(leftOut).toEqual([{ folder: 'users/alice', reason: 'Not as it is.' }])
  expect(dropped).toEqual([])
})

// Trouble (files): the service is killed between the end of a snapshot and the look at the disk that went away meanwhile
test('a run that goes on leaves out a folder that an earlier one has saved, if its disk is away', async () => {
  const { leftOut, dropped } = await backedUp({
    earlier: [...yesterday, ofAlice('new')],
    look() {
      throw away
    },
  })
  expect(leftOut).toEqual([{ folder: 'users/alice', reason: 'Not as it is.' }])
  expect(dropped).toEqual(['new earlier'])
})

// Trouble (files): the machine is started again in the middle of a backup, and the disk of a person comes later than the service
test('a run that goes on keeps what an earlier one has saved, if the disk comes back meanwhile', async () => {
  let looks = 0
  const { leftOut, dropped } = await backedUp({
    earlier: [...yesterday, ofAlice('new')],
    look() {
      looks += 1
      if (looks === 1) throw away
    },
  })
  expect([leftOut, dropped]).toEqual([[], []])
})
