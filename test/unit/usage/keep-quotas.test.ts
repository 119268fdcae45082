import { expect, test } from 'vitest'
import { type UserId, userId } from '../../../src/domain/people/user-id.ts'
import type { QuotaGroup } from '../../../src/domain/usage/quota-groups.ts'
import type { FolderQuotas, QuotaSight } from '../../../src/ports/folder-quotas.ts'
import { createQuotas, keepQuotas } from '../../../src/usage/keep-quotas.ts'

const [alice, bob] = [userId.parse('alice'), userId.parse('bob')]

/** Folders by person: the subvolume's id, or null for a plain folder. */
function open(
  folders: Record<string, number | null>,
  { isOn = true, isRoot = true, isBtrfs = true, isSure = true } = {},
) {
  const log: string[] = []
  const groups = new Map<number, QuotaGroup>()
  const state = { isOn }
  const off: QuotaSight = { kind: 'off', isBtrfs, reason: 'they are not switched on', isSure }
  const quotas: FolderQuotas = {
    look: async () => (state.isOn ? { kind: 'on', groups } : off),
    async switchOn() {
      log.push('switched on')
      state.isOn = true
    },
    isSubvolume: async (id) => folders[id] != null,
    subvolumeOf: async (id) => folders[id] ?? null,
    async limit(id, bytes) {
      if (id === 'broken') throw new Error('no such device')
      log.push(`${id} ${bytes}`)
      groups.set(folders[id] ?? 0, { usedBytes: 0, limitBytes: bytes })
    },
  }
  const wanted = new Map<UserId, number | null>()
  const kept = createQuotas({
    quotas,
    limits: async () => wanted,
    isRoot,
    log: {
      holds: (by, reason) => log.push(`${by} ${reason}`),
      limited: () => {},
      failed: (id, reason) => log.push(`${id}: ${reason}`),
    },
  })
  return { kept, log, wanted }
}

test('only limits that are not as they should be are set', async () => {
  const { kept, log, wanted } = open({ alice: 300, bob: null })
  wanted.set(alice, 100).set(bob, 100)
  await kept.look()
  await kept.look()
  wanted.set(alice, null)
  await kept.look()
  expect(log).toEqual(['alice 100', 'quota null', 'alice null'])
  expect(kept.holding()).toEqual({ by: 'quota', plain: [bob] })
})

test('quotas are switched on if somebody has a limit, and only by root on Btrfs', async () => {
  const off = { isOn: false }
  const asRoot = open({ alice: 300 }, off)
  await asRoot.kept.look()
  expect(asRoot.log).toEqual([])
  asRoot.wanted.set(alice, 100)
  await asRoot.kept.look()
  expect(asRoot.log).toEqual(['switched on', 'alice 100', 'quota null'])
  for (const options of [{ isRoot: false }, { isBtrfs: false }]) {
    const { kept, log, wanted } = open({ alice: 300 }, { ...off, ...options })
    wanted.set(alice, 100)
    await kept.look()
    expect(log).toEqual(['count they are not switched on'])
    expect(kept.holding()).toMatchObject({ by: 'count' })
  }
})

test('once nobody has a limit any more, the limits of before are taken away, and nothing is said about who holds them', async () => {
  const { kept, log, wanted } = open({ alice: 300 })
  wanted.set(alice, 100)
  await kept.look()
  wanted.set(alice, null)
  await kept.look()
  await kept.look()
  expect(log).toEqual(['alice 100', 'quota null', 'alice null'])
  expect(kept.holding()).toMatchObject({ by: 'count', reason: expect.stringContaining('nobody has a limit') })
})

test('where no tier has a limit, the service looks until nothing of before is left, and not again', async () => {
  const answers = [Promise.reject(new Error('busy')), Promise.resolve(false), Promise.resolve(true)]
  const log: string[] = []
  const clock = { now: () => 0, steady: () => 0, after: () => () => {}, sleep: async () => void log.push('waits') }
  await keepQuotas(
    {
      quotas: { look: () => answers.shift() ?? Promise.resolve(true) },
      isLimited: false,
      clock,
      onError: (error) => log.push(String(error)),
    },
    new AbortController(),
  )
  expect({ log, left: answers.length }).toEqual({ log: ['Error: busy', 'waits', 'waits'], left: 0 })
})

test('a folder whose limit cannot be set keeps nobody else from theirs', async () => {
  const { kept, log, wanted } = open({ broken: 299, alice: 300 })
  wanted.set(userId.parse('broken'), 100).set(alice, 100)
  expect(await kept.look()).toBe(false)
  expect(log).toEqual(['broken: no such device', 'alice 100', 'quota null'])
})

// Trouble (files): the program btrfs fails once, as the service starts, and quotas that no tier has any more stay for ever
test('a look that fails settles nothing; that there are no quotas does', async () => {
  for (const isSure of [true, false]) {
    const { kept, wanted } = open({ alice: 300 }, { isOn: false, isSure })
    wanted.set(alice, null)
    expect(await kept.look()).toBe(isSure)
  }
})
