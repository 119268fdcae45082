import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createAccountStore } from '../../src/database/account-store.ts'
import { takeLock } from '../../src/database/data-root-lock.ts'
import { createEnvironmentStore } from '../../src/database/environment-store.ts'
import { createMachineStore } from '../../src/database/machine-store.ts'
import { migrationProvider } from '../../src/database/migrations.ts'
import { type Database, openSqlite } from '../../src/database/open.ts'
import { createUsageStore } from '../../src/database/usage-store.ts'
import type { Environment } from '../../src/domain/environment/environment.ts'
import type { Token } from '../../src/domain/people/account.ts'
import type { Session } from '../../src/domain/people/session.ts'
import { userId } from '../../src/domain/people/user-id.ts'

const folder = await mkdtemp(join(tmpdir(), 'ai-lab-stores-'))
afterAll(() => rm(folder, { recursive: true }))

const alice = userId.parse('alice@lab')
const bob = userId.parse('bob@lab')
const unbounded = { claim: null, atMost: 1_000 }

/** A change of another process shows in the next turn of the event loop. */
const nextTurn = () => new Promise(setImmediate)

let files = 0
let database: Database
beforeEach(async () => {
  files += 1
  database = await openSqlite(join(folder, `${files}.db`))
  const accounts = createAccountStore(database)
  for (const id of [alice, bob])
    await accounts.addAccount({ id, role: 'user', tier: 'default', disabled: false, createdAt: 1 })
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
    madeFrom: 'latest',
    safe: false,
    failure: null,
    lastActivityAt: null,
    idleAction: null,
    upstream: null,
    outOfMemoryAt: null,
    createdAt,
    ...changes,
  }
}

describe('records of environments:', () => {
  const store = () => createEnvironmentStore(database)

  // Trouble (authority): records of an earlier version have the secret in their commands, and would keep it for ever
  test('an upgrade replaces the secret in the commands of old records by {token}, but leaves an ordinary word alone', async () => {
    const long = 'QoVxg4Se_QoVxg4Se-QoVxg4SeQoVxg4SeQoVxg4Se'
    const launch = (token: string) => ({
      ...environment('any', 1).launch,
      image: 'lab',
      command: [`--token=${token}`, '--hf_token=labrador'],
      environment: { PASSWORD: token },
    })
    for (const [at, token] of [long, 'lab', ''].entries()) {
      await store().insert(environment(`e${at}`, at, { token, launch: launch(token) }), unbounded)
    }
    await (await migrationProvider.getMigrations())['0007-secret-of-each-container']?.up(database.db)

    const launched = async (id: string) => (await store().get(id))?.launch
    expect(await launched('e0')).toEqual(launch('{token}'))
    for (const id of ['e1', 'e2']) {
      expect(await launched(id)).toMatchObject({ image: 'lab', command: ['--token={token}', '--hf_token=labrador'] })
    }
  })

  test('the first recorded owner of a container of an earlier platform stays its owner', async () => {
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

  test('a record reads back as it was written, also after the database was opened again', async () => {
    const failure = { code: 'environment-exited', detail: 'It ended.', adminDetail: 'It ended.', at: 9 } as const
    const full = environment('a', 1_764_000_000_000, { failure, restartRequestedAt: 1_764_000_000_001 })
    expect(await store().insert(full, unbounded)).toBe('inserted')
    expect(await store().get('a')).toEqual(full)
    expect(await store().get('b')).toBeNull()
    await database[Symbol.asyncDispose]()
    database = await openSqlite(join(folder, `${files}.db`))
    expect(await store().get('a')).toEqual(full)
  })

  test('a list is newest first, filters by person and template, and continues after a page', async () => {
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

  test('pages and outlines hold every record once, newest first, also beyond a page and with equal times', async () => {
    const failure = { code: 'environment-exited', detail: 'It ended.', adminDetail: 'It ended.', at: 9 } as const
    const written = Array.from({ length: 1_001 }, (_, at) =>
      environment(`e${String(at).padStart(4, '0')}`, Math.floor(at / 2), {
        failure: at % 2 ? failure : null,
        restartRequestedAt: at,
        replaceContainer: `container ${at}`,
      }),
    )
    for (const each of written) expect(await store().insert(each, { claim: null, atMost: 2_000 })).toBe('inserted')
    const newestFirst = written.toReversed()
    expect((await Array.fromAsync(store().pages())).flat()).toEqual(newestFirst)
    const outlines = (await Array.fromAsync(store().outlines())).flat()
    expect(newestFirst).toMatchObject(outlines)
    const fields = [
      'desired',
      'failure',
      'id',
      'idleAction',
      'madeFrom',
      'replaceContainer',
      'restartRequestedAt',
      'safe',
      'userId',
    ]
    expect(Object.keys(outlines[0] ?? {}).toSorted()).toEqual(fields)
  })

  test('records that claim ports at the same time get different ports', async () => {
    for (const id of ['a', 'b', 'c']) await store().insert(environment(id, 1), unbounded)
    const lowest = (given: ReadonlySet<number>) => [61_000, 61_001, 61_002].find((port) => !given.has(port)) ?? null
    const given = await Promise.all(['a', 'b', 'c'].map((id) => store().claimHostPort(id, lowest)))
    expect(given.toSorted()).toEqual([61_000, 61_001, 61_002])
    expect(await store().get('b')).toMatchObject({ hostPort: given[1] })
    expect(await store().change('b', { hostPort: null })).toMatchObject({ hostPort: null })
    expect(await store().claimHostPort('gone', lowest)).toBe(given[1])
    expect(await store().claimHostPort('b', lowest)).toBe(given[1])
  })

  test('a change gives the changed record, and does nothing once the environment is to be gone', async () => {
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

  test('a record says where its server answers, and forgets it', async () => {
    const upstream = { host: '127.0.0.1', port: 61_000, containerId: 'c1', startedAt: 5 }
    await store().insert(environment('a', 1), unbounded)
    expect(await store().change('a', { upstream })).toMatchObject({ upstream })
    expect(await store().change('a', { name: 'other' })).toMatchObject({ upstream })
    expect(await store().change('a', { upstream: null })).toMatchObject({ upstream: null })
  })

  test('the openings of an environment come newest first, as many as were asked for, also if it is forgotten', async () => {
    const opening = (environmentId: string, at: number) => ({ environmentId, userId: bob, by: 'browser', at }) as const
    await store().insert(environment('a', 1), unbounded)
    for (const [id, at] of [
      ['a', 1],
      ['b', 3],
      ['c', 2],
      ['a', 4],
    ] as const)
      await store().addOpening(opening(id, at))
    await store().forget('a')
    expect(await store().openings('a', 100)).toEqual([opening('a', 4), opening('a', 1)])
    expect(await store().openings('a', 1)).toEqual([opening('a', 4)])
    expect(await store().openings('d', 100)).toEqual([])
  })

  // Trouble (worst): a program asks for all environments each hour with an administrator's token, for years
  test('of the openings of an environment the last hundred are kept', async () => {
    const opening = { environmentId: 'd', userId: bob, by: 'token' } as const
    await store().addOpening({ ...opening, environmentId: 'a', at: 1 })
    for (let at = 10; at < 120; at += 1) await store().addOpening({ ...opening, at })
    const kept = (await store().openings('d', 1_000)).map(({ at }) => at)
    expect(kept).toEqual(Array.from({ length: 100 }, (_, n) => 119 - n))
    expect(await store().openings('a', 100)).toHaveLength(1)
  })

  // Trouble (idleness): somebody acts at the same moment
  test('a change that was decided on an older state of the record is refused', async () => {
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

  test('one person has no more environments than the bound; those that are being deleted do not count', async () => {
    const two = { claim: null, atMost: 2 }
    expect(await store().insert(environment('a', 1), two)).toBe('inserted')
    expect(await store().insert(environment('b', 1), two)).toBe('inserted')
    expect(await store().insert(environment('c', 1), two)).toBe('full')
    expect(await store().insert(environment('d', 1, { userId: bob }), two)).toBe('inserted')
    expect(await store().count(alice)).toBe(2)
    await store().change('a', { desired: 'gone' })
    expect(await store().count(alice)).toBe(1)
    expect(await store().insert(environment('c', 1), two)).toBe('inserted')
  })

  test('an environment is recorded only while its owner has the tier that allowed it', async () => {
    const as = (tier: string) => ({ claim: null, atMost: 2, tier })
    expect(await store().insert(environment('a', 1), as('premium'))).toBe('tier-changed')
    expect(await store().insert(environment('a', 1), as('default'))).toBe('inserted')
  })

  // Trouble (worst): a person is removed while an environment is made or adopted for them
  test('no environment is recorded for a person without an account, whatever tier is asked for', async () => {
    const nobodys = environment('a', 1, { userId: userId.parse('nobody') })
    expect(await store().insert(nobodys, unbounded)).toBe('no-owner')
    expect(await store().insert(nobodys, { ...unbounded, tier: 'default' })).toBe('no-owner')
    expect(await store().get('a')).toBeNull()
  })

  // Trouble (worst): an environment is made or adopted for a person while a job removes them, and the job takes their folder
  test('no environment is recorded for a person who is disabled', async () => {
    await createAccountStore(database).changeAccount(alice, { disabled: true })
    expect(await store().insert(environment('a', 1), unbounded)).toBe('owner-disabled')
    expect(await store().get('a')).toBeNull()
  })

  // Trouble (input): two creations with one idempotency key
  test('each person can claim an idempotency key once, and again after a day', async () => {
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

  test('a refused insert leaves no claim behind', async () => {
    const claim = { userId: alice, key: 'k', requestHash: 'h' }
    expect(await store().insert(environment('a', 1), { claim, atMost: 0 })).toBe('full')
    expect(await store().claimed(alice, 'k', 2)).toBeNull()
    await store().insert(environment('a', 1), unbounded)
    expect(await store().insert(environment('a', 1), { claim, atMost: 10 })).toBe('taken')
    expect(await store().claimed(alice, 'k', 2)).toBeNull()
  })

  test('of many inserts at once with one key, exactly one succeeds', async () => {
    const claim = { userId: alice, key: 'k', requestHash: 'h' }
    const ids = Array.from({ length: 20 }, (_, index) => `e${index}`)
    const results = await Promise.all(ids.map((id) => store().insert(environment(id, 1), { claim, atMost: 10 })))
    expect(results.filter((result) => result === 'inserted')).toHaveLength(1)
    expect(await store().list({ limit: 30 })).toHaveLength(1)
  })
})

describe('records of people and tokens:', () => {
  const store = () => createAccountStore(database)
  const token = (changes: Partial<Token> = {}): Token => ({
    id: 't',
    userId: alice,
    name: 'laptop',
    role: 'user',
    scopes: null,
    secretHash: 'hash',
    createdAt: 1,
    expiresAt: null,
    lastUsedAt: null,
    ...changes,
  })

  test('a person is added once', async () => {
    expect(await store().addAccount({ id: alice, role: 'admin', tier: 'x', disabled: false, createdAt: 2 })).toBe(false)
    expect(await store().account(alice)).toEqual({
      id: alice,
      role: 'user',
      tier: 'default',
      disabled: false,
      createdAt: 1,
    })
    expect((await store().accounts({ limit: 1 })).map(({ id }) => id)).toEqual([alice])
    expect((await store().accounts({ limit: 9, after: alice })).map(({ id }) => id)).toEqual([bob])
  })

  test('a person has had a folder from the moment it is recorded, until it is forgotten or they are removed', async () => {
    expect(await store().hadFolder(alice)).toBe(false)
    await store().recordFolder(alice)
    expect(await store().hadFolder(alice)).toBe(true)
    expect(await store().hadFolder(bob)).toBe(false)
    expect(await store().hadFolders()).toEqual([alice])
    await store().forgetFolder(alice)
    expect([await store().hadFolder(alice), await store().hadFolders()]).toEqual([false, []])
    await store().recordFolder(alice)
    await store().removeAccount(alice)
    expect(await store().hadFolder(alice)).toBe(false)
  })

  test('a person and their first token come together or not at all', async () => {
    const carol = { id: userId.parse('carol'), role: 'admin', tier: 'default', disabled: false, createdAt: 1 } as const
    await store().addToken(token())
    const both = store().together(async (records) => {
      await records.addAccount(carol)
      await records.addToken(token({ id: 'u', userId: carol.id }))
    })
    await expect(both).rejects.toThrow('UNIQUE')
    expect(await store().account(carol.id)).toBeNull()
  })

  // Trouble (authority): another process writes between the check and the write
  test('another process cannot write between the reads and the writes of one transaction', async () => {
    const another = new SQLite(join(folder, `${files}.db`), { timeout: 0 })
    const demote = () => another.exec("update accounts set role = 'user' where id = 'alice@lab'")
    await store().together(async (records) => {
      await records.administrators()
      expect(demote).toThrow('database is locked')
      await records.changeAccount(alice, { tier: 'premium' })
    })
    demote()
    another.close()
  })

  test("a disabled person is no administrator, and only a valid administrator's token without scopes is full", async () => {
    await store().changeAccount(alice, { role: 'admin' })
    await store().addToken(token({ role: 'admin', expiresAt: 10 }))
    await store().addToken(token({ id: 'narrowed', secretHash: '2', role: 'admin', scopes: ['metrics', 'admin'] }))
    await store().addToken(token({ id: 'weak', secretHash: '3' }))
    await store().addToken(token({ id: 'bobs', secretHash: '4', userId: bob, role: 'admin' }))
    const full = async (now: number) => (await store().fullAdminTokens(now)).map(({ id }) => id)
    expect(await full(9)).toEqual(['t'])
    expect(await full(10)).toEqual([])
    expect((await store().administrators()).map(({ id }) => id)).toEqual([alice])
    expect(await store().changeAccount(alice, { disabled: true })).toMatchObject({ role: 'admin', disabled: true })
    expect(await full(9)).toEqual([])
    expect(await store().administrators()).toEqual([])
    expect(await store().tokenOwner('hash', 9)).toBeNull()
    expect(await store().standing('t', 9)).toBeNull()
    expect(await store().changeAccount(alice, { disabled: false })).toMatchObject({ disabled: false })
    expect(await store().standing('t', 9)).toMatchObject({ token: { id: 't' }, owner: { id: alice, role: 'admin' } })
  })

  test('the store lowers tokens, notes their use, and removes expired ones', async () => {
    await store().addToken(token({ role: 'admin', scopes: ['tokens'], expiresAt: 10 }))
    await store().addToken(token({ id: 'lasting', secretHash: '2', createdAt: 2 }))
    await store().recordUse('t', 5)
    await store().lowerTokens(alice)
    expect(await store().token('t')).toEqual(token({ scopes: ['tokens'], expiresAt: 10, lastUsedAt: 5 }))
    await store().removeExpiredTokens(9)
    expect((await store().tokens(alice, 0)).map(({ id }) => id)).toEqual(['t', 'lasting'])
    await store().removeExpiredTokens(10)
    expect((await store().tokens(alice, 0)).map(({ id }) => id)).toEqual(['lasting'])
  })

  test('a person is removed with all their credentials, but not while they have an environment', async () => {
    const environments = createEnvironmentStore(database)
    await store().addToken(token())
    await store().addSession(session())
    await store().setPasswordHash(alice, 'password', 1)
    await store().setInvitation(alice, { codeHash: 'code', expiresAt: 10 })
    const claim = { userId: alice, key: 'k', requestHash: 'x' }
    await environments.insert(environment('a', 1), { ...unbounded, claim })
    await environments.insert(environment('bobs', 1, { userId: bob }), unbounded)
    await environments.insert(environment('b', 2, { desired: 'gone' }), unbounded)
    expect(await store().environmentIds(alice)).toEqual(['a', 'b'])
    await expect(store().removeAccount(alice)).rejects.toThrow('FOREIGN KEY')
    for (const id of ['a', 'b']) await environments.forget(id)
    await store().removeAccount(alice)
    await store().addAccount({ id: alice, role: 'user', tier: 'default', disabled: false, createdAt: 1 })
    expect(await store().token('t')).toBeNull()
    expect(await store().session('s')).toBeNull()
    expect(await store().passwordHash(alice)).toBeNull()
    expect(await store().invited('code', 9)).toBeNull()
    expect(await environments.claimed(alice, 'k', 2)).toBeNull()
    expect(await store().account(bob)).not.toBeNull()
  })

  test('role and tier change separately', async () => {
    expect(await store().changeAccount(alice, { tier: 'premium' })).toMatchObject({ role: 'user', tier: 'premium' })
    expect(await store().changeAccount(alice, { role: 'admin' })).toMatchObject({ role: 'admin', tier: 'premium' })
    expect(await store().changeAccount(alice, {})).toMatchObject({ role: 'admin' })
    expect(await store().changeAccount(userId.parse('nobody'), { role: 'admin' })).toBeNull()
  })

  test('a token is found by its hash, with its owner, until it expires or is removed', async () => {
    await store().addToken(token({ expiresAt: 10 }))
    const { secretHash, createdAt, ...known } = token({ expiresAt: 10 })
    const standing = { token: known, owner: { id: alice, role: 'user', tier: 'default' } }
    expect(await store().tokenOwner(secretHash, 9)).toEqual(standing)
    expect(await store().tokens(alice, createdAt)).toHaveLength(1)
    expect(await store().tokenOwner('hash', 10)).toBeNull()
    expect(await store().tokenOwner('other', 9)).toBeNull()
    expect(await store().tokens(alice, 9)).toHaveLength(1)
    expect(await store().tokens(alice, 10)).toHaveLength(0)
    await store().removeToken('t')
    expect(await store().tokenOwner('hash', 9)).toBeNull()
    expect(await store().token('t')).toBeNull()
  })
})

describe('records of passwords and sessions:', () => {
  const store = () => createAccountStore(database)

  test('a person has one password, or none', async () => {
    expect(await store().passwordHash(alice)).toBeNull()
    await store().setPasswordHash(alice, 'one', 1)
    await store().setPasswordHash(alice, 'two', 2)
    expect(await store().passwordHash(alice)).toBe('two')
    expect(await store().passwordHash(bob)).toBeNull()
  })

  test('a person has one invitation, which lets them in until it expires, is removed, or they are disabled', async () => {
    await store().setInvitation(alice, { codeHash: 'first', expiresAt: 10 })
    await store().setInvitation(alice, { codeHash: 'second', expiresAt: 20 })
    await store().setInvitation(bob, { codeHash: 'bobs', expiresAt: 20 })
    expect(await store().invited('first', 9)).toBeNull()
    expect(await store().invited('second', 19)).toEqual(await store().account(alice))
    expect(await store().invited('second', 20)).toBeNull()
    await store().changeAccount(alice, { disabled: true })
    expect(await store().invited('second', 19)).toBeNull()
    await store().changeAccount(alice, { disabled: false })
    await store().removeInvitation(alice)
    expect(await store().invited('second', 19)).toBeNull()
    expect(await store().invited('bobs', 19)).toMatchObject({ id: bob })
  })

  test('a session is found by its hash and by its id, with its owner, until it expires', async () => {
    await store().addSession(session({ expiresAt: 10 }))
    const { secretHash, client, address, voucher, providerSession, ...known } = session({ expiresAt: 10 })
    const standing = { session: known, owner: { id: alice, role: 'user', tier: 'default' } }
    expect(await store().sessionOwner(secretHash, 9)).toEqual(standing)
    expect(await store().standing('s', 9)).toEqual(standing)
    expect(await store().session('s')).toEqual(session({ expiresAt: 10 }))
    expect(await store().sessionOwner(secretHash, 10)).toBeNull()
    expect(await store().standing('s', 10)).toBeNull()
    expect(await store().sessionOwner('other', 9)).toBeNull()
    expect([await store().sessions(alice, 9), await store().sessions(alice, 10)]).toEqual([[await one('s')], []])
  })

  const one = (id: string) => store().session(id)

  test('many credentials are looked up at once, tokens and sessions, and those that do not work are left out', async () => {
    await store().addSession(session({ expiresAt: 10 }))
    const all = (now: number) => store().standingsOf(['s', 'unknown'], now)
    expect([...(await all(9)).entries()]).toEqual([['s', await store().standing('s', 9)]])
    expect([...(await all(10)).keys()]).toEqual([])
    expect((await store().standingsOf([], 0)).size).toBe(0)
  })

  test('a code is good until it expires, once, and for no visit; a visit is no code', async () => {
    await store().addSession(session({ expiresAt: 100 }))
    const visited = { sessionId: 's', environmentId: 'env' }
    await store().addCode({ ...visited, codeHash: 'code', expiresAt: 10 }, 1)
    expect(await store().visitor('code', 2)).toBeNull()
    expect(await store().takeCode('code', 10)).toBeNull()
    expect([await store().takeCode('code', 9), await store().takeCode('code', 9)]).toEqual([visited, null])
    await store().addVisit({ ...visited, secretHash: 'visit' }, 9)
    expect(await store().takeCode('visit', 0)).toBeNull()
    expect(await store().visitor('visit', 99)).toMatchObject({ environmentId: 'env', owner: { id: alice } })
    expect(await store().visitor('visit', 100)).toBeNull() // its session has expired
  })

  test('visits end with their session, hold beside each other, and the oldest of very many make room', async () => {
    await store().addSession(session({ expiresAt: 100 }))
    const holds = async (visit: number) => (await store().visitor(`visit ${visit}`, 9)) !== null
    for (let visit = 0; visit < 60; visit += 1) {
      await store().addVisit({ sessionId: 's', environmentId: 'env', secretHash: `visit ${visit}` }, visit)
    }
    expect([await holds(0), await holds(10), await holds(59)]).toEqual([false, true, true])
    await store().removeSession('s')
    expect([await holds(10), await holds(59)]).toEqual([false, false])
  })

  test('the store knows who a person is at each provider, also after they were removed, until it is told to forget', async () => {
    const [one, other] = ['https://one', 'https://other']
    await store().setIdentity(alice, { issuer: one, subject: 's1' })
    await store().setIdentity(alice, { issuer: other, subject: 's1' })
    await store().setIdentity(bob, { issuer: one, subject: 's2' })
    expect(await store().identified({ issuer: one, subject: 's1' })).toBe(alice)
    expect(await store().identified({ issuer: other, subject: 's2' })).toBeNull()
    await store().setIdentity(alice, { issuer: one, subject: 's3' })
    expect(await store().identified({ issuer: one, subject: 's1' })).toBeNull()
    await expect(store().setIdentity(alice, { issuer: one, subject: 's2' })).rejects.toThrow('UNIQUE')
    await store().removeAccount(alice)
    expect(await store().identityOf(one, alice)).toEqual({ issuer: one, subject: 's3' })
    await store().removeIdentities(alice)
    expect(await store().identityOf(one, alice)).toBeNull()
    expect(await store().identityOf(one, bob)).toEqual({ issuer: one, subject: 's2' })
  })

  test.each([
    [alice, 'a', ['alice a', 'alice unnamed']],
    [alice, null, ['alice a', 'alice b', 'alice unnamed']],
    [null, 'a', ['alice a', 'bob a']],
  ])('the sessions that a provider ends for the person %s and its session %s are %j', async (person, name, ended) => {
    const voucher = 'https://one'
    const add = (id: string, change: Partial<Session>) => store().addSession(session({ id, secretHash: id, ...change }))
    await add('alice a', { voucher, providerSession: 'a' })
    await add('alice b', { voucher, providerSession: 'b' })
    await add('alice unnamed', { voucher })
    await add('alice own', {})
    await add('alice elsewhere', { voucher: 'https://other', providerSession: 'a' })
    await add('bob a', { userId: bob, voucher, providerSession: 'a' })
    await add('bob b', { userId: bob, voucher, providerSession: 'b' })
    await add('alice later', { voucher, providerSession: 'a', createdAt: 6 })
    const which = { userId: person, providerSession: name, begunUntil: 5 }
    const removed = await store().removeVouchedSessions(voucher, which)
    expect(removed.map(({ id }) => id).toSorted()).toEqual(ended)
    const left = [...(await store().sessions(alice, 0)), ...(await store().sessions(bob, 0))]
    expect(left).toHaveLength(8 - ended.length)
  })

  test('the store notes the use of a session, ends those of one person but one, and removes expired ones', async () => {
    await store().addSession(session({ createdAt: 2, expiresAt: 10 }))
    await store().addSession(session({ id: 'first', secretHash: '2' }))
    await store().addSession(session({ id: 'bobs', secretHash: '3', userId: bob, expiresAt: 20 }))
    await store().recordSessionUse('s', { lastUsedAt: 5, expiresAt: 12 })
    expect(await one('s')).toMatchObject({ lastUsedAt: 5, expiresAt: 12, createdAt: 2 })
    expect((await store().sessions(alice, 0)).map(({ id }) => id)).toEqual(['first', 's'])
    await store().addSession(session({ id: 'third', secretHash: '4' }))
    for (const hash of ['4', 'unknown']) await store().removeSessionWith(hash)
    expect((await store().sessions(alice, 0)).map(({ id }) => id)).toEqual(['first', 's'])
    await store().removeSessions(alice, 's')
    expect((await store().sessions(alice, 0)).map(({ id }) => id)).toEqual(['s'])
    await store().removeExpiredSessions(11)
    expect(await one('s')).not.toBeNull()
    await store().removeExpiredSessions(12)
    expect(await one('s')).toBeNull()
    await store().removeSessions(bob, null)
    expect(await one('bobs')).toBeNull()
  })
})

function session(changes: Partial<Session> = {}): Session {
  return {
    id: 's',
    userId: alice,
    secretHash: 'hash',
    createdAt: 1,
    expiresAt: 100,
    lastUsedAt: 1,
    client: 'Firefox',
    address: '192.0.2.1',
    voucher: null,
    providerSession: null,
    ...changes,
  }
}

describe('reads that the store keeps:', () => {
  const secretHash = 'hash'
  const working = { role: 'user', disabled: false } as const
  const records = async () => {
    const store = createAccountStore(database)
    await store.addToken({
      id: 't',
      userId: alice,
      name: 'laptop',
      role: 'admin',
      scopes: null,
      secretHash,
      createdAt: 1,
      expiresAt: 10,
      lastUsedAt: null,
    })
    return { store, owner: async () => (await store.tokenOwner(secretHash, 9))?.owner ?? null }
  }

  // Trouble (authority): a right ends, and the next request still has it
  test('a right of a token ends at the next look, whoever ends it', async () => {
    const { store, owner } = await records()
    expect(await owner()).toMatchObject({ role: 'user' })
    expect(await store.tokenOwner(secretHash, 10)).toBeNull()
    await store.changeAccount(alice, { role: 'admin' })
    expect(await owner()).toMatchObject({ role: 'admin' })
    const another = new SQLite(join(folder, `${files}.db`))
    another.exec("update accounts set role = 'user' where id = 'alice@lab'")
    await nextTurn()
    expect(await owner()).toMatchObject({ role: 'user' })
    another.exec("update accounts set disabled = 1 where id = 'alice@lab'")
    await nextTurn()
    expect(await owner()).toBeNull()
    another.close()
    await store.changeAccount(alice, working)
    expect(await owner()).toMatchObject({ role: 'user' })
    await store.removeToken('t')
    expect(await owner()).toBeNull()
  })

  // Trouble (authority): somebody signs out, and the next request of the session still works
  test('a session ends at the next look, whoever ends it', async () => {
    const store = createAccountStore(database)
    await store.addSession(session())
    const owner = async () => (await store.sessionOwner('hash', 9))?.owner ?? null
    expect(await owner()).toMatchObject({ role: 'user' })
    await store.changeAccount(alice, { role: 'admin' })
    expect(await owner()).toMatchObject({ role: 'admin' })
    const another = new SQLite(join(folder, `${files}.db`))
    another.exec("update accounts set disabled = 1 where id = 'alice@lab'")
    await nextTurn()
    expect(await owner()).toBeNull()
    expect(await store.standing('s', 9)).toBeNull()
    another.exec("update accounts set disabled = 0 where id = 'alice@lab'")
    await nextTurn()
    expect(await owner()).toMatchObject({ role: 'admin' })
    another.close()
    await store.removeSession('s')
    expect(await owner()).toBeNull()
  })

  test('a list shows every change of its environments, whoever makes it', async () => {
    const store = createEnvironmentStore(database)
    const names = async () => (await store.list({ limit: 2 })).map(({ name }) => name)
    await store.insert(environment('a', 1, { name: 'a' }), unbounded)
    expect(await names()).toEqual(['a'])
    await store.insert(environment('b', 2, { name: 'b' }), unbounded)
    expect(await names()).toEqual(['b', 'a'])
    await store.change('a', { name: 'c' })
    expect(await names()).toEqual(['b', 'c'])
    const another = new SQLite(join(folder, `${files}.db`))
    another.exec("update environments set name = 'd' where id = 'b'")
    another.close()
    await nextTurn()
    expect(await names()).toEqual(['d', 'c'])
    await store.forget('b')
    expect(await names()).toEqual(['c'])
  })

  // Trouble (authority): a request arrives during a transaction that is then rolled back
  test('a transaction shows only once it is whole', async () => {
    const { store, owner } = await records()
    await owner()
    const seen: Promise<unknown>[] = []
    const undone = store.together(async (within) => {
      seen.push(owner())
      await within.changeAccount(alice, { disabled: true })
      seen.push(owner())
      await within.account(alice)
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    for (const each of seen) expect(await each).toMatchObject({ id: alice })
    expect(await owner()).toMatchObject({ id: alice })
    await store.together(async (within) => void (await within.changeAccount(alice, { disabled: true })))
    expect(await owner()).toBeNull()
  })
})

// Trouble (input): two backends on one data root
test('only one process at a time holds the lock of a data root', () => {
  const file = join(folder, 'backend.lock')
  const lock = takeLock(file)
  expect(() => takeLock(file)).toThrow('Another backend works on this data root already')
  lock[Symbol.dispose]()
  takeLock(file)[Symbol.dispose]()
})

// Trouble (input): making the tables is cut short
test('an opening that fails halfway leaves no half-made tables, and the next opening makes them all', async () => {
  const file = join(folder, 'half.db')
  const inTheWay = new SQLite(file)
  inTheWay.exec('create table idempotency_keys (x)')
  await expect(openSqlite(file)).rejects.toThrow('could not be brought up to date')
  inTheWay.exec('drop table idempotency_keys')
  inTheWay.close()
  await using opened = await openSqlite(file)
  expect(await createEnvironmentStore(opened).get('one')).toBeNull()
})

describe('what folders hold', () => {
  const day = 24 * 3_600_000
  const noon = 20_000 * day + day / 2
  const place = (path: string, bytes: number, countedAt: number) => ({
    path,
    count: { bytes, sizeBytes: bytes * 2, files: 3, folders: 1 },
    missed: 0,
    biggest: [{ path: 'models', count: { bytes, sizeBytes: 1, files: 1, folders: 1 } }],
    countedAt,
    fullAt: null,
  })
  const sample = (at: number, bytes: number) => ({ at, count: { bytes, sizeBytes: bytes * 2, files: 3 } })

  test('the newest figures take the place of earlier ones, and each hour and day keeps its last', async () => {
    const store = createUsageStore(database)
    await store.record([place('users/alice', 5, noon), place('shared', 9, noon)])
    await store.record([place('users/alice', 20, noon + 60_000)])
    await store.record([place('users/alice', 30, noon + 2 * 3_600_000)])
    expect(await store.latest()).toEqual([place('users/alice', 30, noon + 2 * 3_600_000), place('shared', 9, noon)])
    expect(await store.history('users/alice', 'hour', 0)).toEqual([sample(noon, 20), sample(noon + 2 * 3_600_000, 30)])
    expect(await store.history('users/alice', 'day', 0)).toEqual([sample(noon - day / 2, 30)])
    expect(await store.history('users/alice', 'hour', noon + 1)).toEqual([sample(noon + 2 * 3_600_000, 30)])
  })

  test('a place that is gone keeps its history, until that is too old', async () => {
    const store = createUsageStore(database)
    await store.record([place('users/\xff\n', 5, noon)])
    await store.forget(['users/\xff\n'])
    expect(await store.latest()).toEqual([])
    await store.prune(noon + 2 * day)
    expect(await store.history('users/\xff\n', 'hour', 0)).toHaveLength(1)
    await store.prune(noon + 4 * day)
    expect(await store.history('users/\xff\n', 'hour', 0)).toEqual([])
    expect(await store.history('users/\xff\n', 'day', 0)).toHaveLength(1)
    await store.prune(noon + 402 * day)
    expect(await store.history('users/\xff\n', 'day', 0)).toEqual([])
  })
})

test('samples of the machine come in order, one for each minute, and those that are too old go', async () => {
  const store = createMachineStore(database)
  const amount = (usedBytes: number) => ({ usedBytes, totalBytes: 2 ** 45 })
  const sample = (at: number, changes = {}) => ({
    ...{ at, memory: amount(1), cpuPercent: 12.3, disk: amount(2), running: 1, waiting: 0 },
    ...changes,
  })
  for (const at of [1, 3, 2]) await store.record(sample(at), { keepFrom: 0 })
  await store.record(sample(3, { disk: null, waiting: 4 }), { keepFrom: 2 })
  expect(await store.since(0)).toEqual([sample(2), sample(3, { disk: null, waiting: 4 })])
  expect(await store.since(3)).toHaveLength(1)
})
