import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createAccountStore } from '../../src/database/account-store.ts'
import { createEnvironmentStore } from '../../src/database/environment-store.ts'
import { takeLock } from '../../src/database/lock.ts'
import { type Database, openSqlite } from '../../src/database/open.ts'
import type { Environment } from '../../src/domain/environment/environment.ts'
import type { Token } from '../../src/domain/people/account.ts'
import { userId } from '../../src/domain/people/user-id.ts'

const folder = await mkdtemp(join(tmpdir(), 'ai-lab-stores-'))
afterAll(() => rm(folder, { recursive: true }))

const alice = userId.parse('alice@lab')
const bob = userId.parse('bob@lab')
const unbounded = { claim: null, atMost: 1_000 }

let files = 0
let database: Database
beforeEach(async () => {
  files += 1
  database = await openSqlite(join(folder, `${files}.db`))
  const accounts = createAccountStore(database.db)
  for (const id of [alice, bob]) await accounts.addAccount({ id, role: 'user', tier: 'default', createdAt: 1 })
  return () => database[Symbol.asyncDispose]()
})

function environment(id: string, createdAt: number, changes: Partial<Environment> = {}): Environment {
  return {
    id,
    userId: alice,
    name: `name of ${id}`,
    template: 'jupyterlab',
    launch: {
      type: 'jupyter',
      image: 'image',
      command: ['a', 'b'],
      environment: { KEY: 'välue' },
      port: 8888,
      openPath: '/lab',
      readyPath: '/api',
      readyWithinMs: 60_000,
    },
    resources: { memoryBytes: 2 ** 40, cpuCores: 0.5, gpus: 0, pids: 10 },
    token: 'secret',
    hostPort: null,
    desired: 'running',
    restartRequestedAt: null,
    replaceContainer: null,
    failure: null,
    lastActivityAt: null,
    idleAction: null,
    createdAt,
    ...changes,
  }
}

describe('records of environments', () => {
  const store = () => createEnvironmentStore(database.db)

  test('owners of containers of an earlier platform are kept as they were recorded first', async () => {
    await store().recordLegacyOwners(new Map([['jupyter-alice', alice]]))
    await store().recordLegacyOwners(
      new Map([
        ['jupyter-alice', bob],
        ['jupyter-bob', bob],
      ]),
    )
    expect(await store().legacyOwners()).toEqual(
      new Map([
        ['jupyter-alice', alice],
        ['jupyter-bob', bob],
      ]),
    )
  })

  test('what goes in comes out, after a new opening too', async () => {
    const failure = { code: 'environment-exited', detail: 'It ended.', adminDetail: 'It ended.', at: 9 } as const
    const full = environment('a', 1_764_000_000_000, { failure, restartRequestedAt: 1_764_000_000_001 })
    expect(await store().insert(full, unbounded)).toBe('inserted')
    expect(await store().get('a')).toEqual(full)
    expect(await store().get('b')).toBeNull()
    await database[Symbol.asyncDispose]()
    database = await openSqlite(join(folder, `${files}.db`))
    expect(await store().get('a')).toEqual(full)
  })

  test('lists are newest first, by person and template, and go on where a page ended', async () => {
    await store().insert(environment('a', 1), unbounded)
    await store().insert(environment('c', 2), unbounded)
    await store().insert(environment('b', 2, { userId: bob }), unbounded)
    await store().insert(environment('d', 3, { template: 'other' }), unbounded)
    const ids = async (query: object) => (await store().list({ limit: 10, ...query })).map(({ id }) => id)
    expect(await ids({})).toEqual(['d', 'c', 'b', 'a'])
    expect(await ids({ limit: 2 })).toEqual(['d', 'c'])
    expect(await ids({ after: { createdAt: 2, id: 'c' } })).toEqual(['b', 'a'])
    expect(await ids({ userId: bob })).toEqual(['b'])
    expect(await ids({ template: 'other', userId: alice })).toEqual(['d'])
  })

  test('a record is given a port knowing those of all others, however many ask at once', async () => {
    for (const id of ['a', 'b', 'c']) await store().insert(environment(id, 1), unbounded)
    const lowest = (given: ReadonlySet<number>) => [61_000, 61_001, 61_002].find((port) => !given.has(port)) ?? null
    const given = await Promise.all(['a', 'b', 'c'].map((id) => store().claimHostPort(id, lowest)))
    expect(given.toSorted()).toEqual([61_000, 61_001, 61_002])
    expect(await store().get('b')).toMatchObject({ hostPort: given[1] })
    expect(await store().change('b', { hostPort: null })).toMatchObject({ hostPort: null })
    expect(await store().claimHostPort('gone', lowest)).toBe(given[1])
    expect(await store().claimHostPort('b', lowest)).toBe(given[1])
  })

  test('a change gives the record as it is then; one that is to be gone changes no more', async () => {
    await store().insert(environment('a', 1), unbounded)
    expect(await store().change('a', { name: 'new' })).toMatchObject({ name: 'new', desired: 'running' })
    expect(
      await store().change('a', { failure: { code: 'no-room', detail: 'full', adminDetail: 'full', at: 2 } }),
    ).toMatchObject({
      failure: { code: 'no-room' },
    })
    expect(await store().change('a', { failure: null, desired: 'gone' })).toMatchObject({ failure: null })
    expect(await store().change('a', { desired: 'running' })).toBeNull()
    expect(await store().change('b', { name: 'x' })).toBeNull()
    await store().forget('a')
    expect(await store().get('a')).toBeNull()
  })

  // Trouble (idleness): somebody acts in the same moment
  test('a change that was decided on the record as it was is made only while it is so', async () => {
    const first = environment('a', 1)
    await store().insert(first, unbounded)
    expect(await store().change('a', { lastActivityAt: 5 }, { as: first })).toMatchObject({ lastActivityAt: 5 })
    expect(await store().change('a', { desired: 'paused' }, { as: first })).toBeNull()
    const second = { desired: 'running', lastActivityAt: 5 } as const
    const idleAction = { cause: 'idle-pause', afterMs: 7, at: 6 } as const
    expect(await store().change('a', { desired: 'paused', idleAction }, { as: second })).toMatchObject({ idleAction })
    expect(await store().change('a', { desired: 'stopped' }, { as: second })).toBeNull()
    expect(await store().get('a')).toMatchObject({ desired: 'paused', lastActivityAt: 5, idleAction })
  })

  test('one person has no more than the bound, and what is to be gone does not count', async () => {
    const two = { claim: null, atMost: 2 }
    expect(await store().insert(environment('a', 1), two)).toBe('inserted')
    expect(await store().insert(environment('b', 1), two)).toBe('inserted')
    expect(await store().insert(environment('c', 1), two)).toBe('full')
    expect(await store().insert(environment('d', 1, { userId: bob }), two)).toBe('inserted')
    await store().change('a', { desired: 'gone' })
    expect(await store().insert(environment('c', 1), two)).toBe('inserted')
  })

  // Trouble (input): two creations with one idempotency key
  test('one key is claimed once, by each person, and is free again after a day', async () => {
    const claim = { userId: alice, key: 'k', requestHash: 'h' }
    const insert = (id: string, at: number) => store().insert(environment(id, at), { claim, atMost: 10 })
    expect(await insert('a', 1)).toBe('inserted')
    expect(await insert('b', 2)).toBe('claimed')
    expect(await store().get('b')).toBeNull()
    expect(await store().claimed(alice, 'k', 2)).toEqual({ requestHash: 'h', environmentId: 'a' })
    expect(await store().claimed(bob, 'k', 2)).toBeNull()
    expect(await store().claimed(alice, 'k', 86_400_000)).not.toBeNull()
    expect(await insert('c', 86_400_000)).toBe('claimed')
    expect(await store().claimed(alice, 'k', 86_400_001)).toBeNull()
    expect(await insert('c', 86_400_001)).toBe('inserted')
    expect(await store().claimed(alice, 'k', 86_400_002)).toEqual({ requestHash: 'h', environmentId: 'c' })
  })

  test('what is refused leaves no claim behind', async () => {
    const claim = { userId: alice, key: 'k', requestHash: 'h' }
    expect(await store().insert(environment('a', 1), { claim, atMost: 0 })).toBe('full')
    expect(await store().claimed(alice, 'k', 2)).toBeNull()
    await store().insert(environment('a', 1), unbounded)
    await expect(store().insert(environment('a', 1), { claim, atMost: 10 })).rejects.toThrow('UNIQUE')
    expect(await store().claimed(alice, 'k', 2)).toBeNull()
  })

  test('many at once: each is one transaction', async () => {
    const claim = { userId: alice, key: 'k', requestHash: 'h' }
    const ids = Array.from({ length: 20 }, (_, index) => `e${index}`)
    const results = await Promise.all(ids.map((id) => store().insert(environment(id, 1), { claim, atMost: 10 })))
    expect(results.filter((result) => result === 'inserted')).toHaveLength(1)
    expect(await store().list({ limit: 30 })).toHaveLength(1)
  })
})

describe('records of people and tokens', () => {
  const store = () => createAccountStore(database.db)
  const token = (changes: Partial<Token> = {}): Token => ({
    id: 't',
    userId: alice,
    name: 'laptop',
    role: 'user',
    secretHash: 'hash',
    createdAt: 1,
    expiresAt: null,
    ...changes,
  })

  test('a person is added once', async () => {
    expect(await store().addAccount({ id: alice, role: 'admin', tier: 'x', createdAt: 2 })).toBe(false)
    expect(await store().account(alice)).toEqual({ id: alice, role: 'user', tier: 'default', createdAt: 1 })
    expect((await store().accounts({ limit: 1 })).map(({ id }) => id)).toEqual([alice])
    expect((await store().accounts({ limit: 9, after: alice })).map(({ id }) => id)).toEqual([bob])
  })

  test('a person and their first token come together or not at all', async () => {
    const carol = { id: userId.parse('carol'), role: 'admin', tier: 'default', createdAt: 1 } as const
    await store().addToken(token())
    await expect(store().addAccount(carol, token({ id: 'u', userId: carol.id }))).rejects.toThrow('UNIQUE')
    expect(await store().account(carol.id)).toBeNull()
  })

  test('role and tier change, each alone', async () => {
    expect(await store().changeAccount(alice, { tier: 'premium' })).toMatchObject({ role: 'user', tier: 'premium' })
    expect(await store().changeAccount(alice, { role: 'admin' })).toMatchObject({ role: 'admin', tier: 'premium' })
    expect(await store().changeAccount(alice, {})).toMatchObject({ role: 'admin' })
    expect(await store().changeAccount(userId.parse('nobody'), { role: 'admin' })).toBeNull()
  })

  test('a token is found by its hash, with its owner, until it expires or is removed', async () => {
    await store().addToken(token({ expiresAt: 10 }))
    expect(await store().tokenOwner('hash', 9)).toEqual({
      token: token({ expiresAt: 10 }),
      owner: { id: alice, role: 'user', tier: 'default', createdAt: 1 },
    })
    expect(await store().tokenOwner('hash', 10)).toBeNull()
    expect(await store().tokenOwner('other', 9)).toBeNull()
    expect(await store().tokens(alice)).toHaveLength(1)
    await store().removeToken('t')
    expect(await store().tokenOwner('hash', 9)).toBeNull()
    expect(await store().token('t')).toBeNull()
  })
})

// Trouble (input): two backends on one data root
test('the lock of a data root is held by one at a time, and is free when it is given back', () => {
  const file = join(folder, 'backend.lock')
  const lock = takeLock(file)
  expect(() => takeLock(file)).toThrow('Another backend works on this data root already')
  lock[Symbol.dispose]()
  takeLock(file)[Symbol.dispose]()
})

// Trouble (input): the making of the tables is cut short
test('tables that could not all be made are made by the next who opens the database: nothing is half there', async () => {
  const file = join(folder, 'half.db')
  const inTheWay = new SQLite(file)
  inTheWay.exec('create table idempotency_keys (x)')
  await expect(openSqlite(file)).rejects.toThrow('could not be brought up to date')
  inTheWay.exec('drop table idempotency_keys')
  inTheWay.close()
  await using opened = await openSqlite(file)
  expect(await createEnvironmentStore(opened.db).get('one')).toBeNull()
})
