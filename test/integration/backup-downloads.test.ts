// Downloads of a file as it was, out of a backup: what ends them, and what their clients and the log learn.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { Errand, OnOutput } from '../../src/ports/engine.ts'
import { backedUp, labWithFiles, person } from '../support/backed-up-lab.ts'
import type { Client, Lab } from '../support/lab.ts'

const sizeBytes = 200_000
const large = (id: string) => `/api/users/${person}/backups/${id}/content?path=large`

async function labWithBackup(options: Parameters<typeof labWithFiles>[0] = {}) {
  const { lab, admin, client, folder } = await labWithFiles(options)
  onTestFinished(() => lab[Symbol.asyncDispose]())
  await writeFile(join(folder, 'large'), randomBytes(sizeBytes))
  await mkdir(join(lab.dataDir, 'shared/course'))
  await writeFile(join(lab.dataDir, 'shared/course/task.md'), 'more than the first bytes')
  return { lab, admin, client, path: large(await backedUp(admin)) }
}

/** From now on reading a file of a backup does this. */
function onDump({ engine }: Lab, dump: (onOutput: OnOutput, signal: AbortSignal) => Promise<number>): void {
  const { duringErrand } = engine
  engine.duringErrand = async (errand, onLine, signal, onOutput) =>
    errand.command.includes('dump') && onOutput
      ? await dump(onOutput, signal)
      : await duringErrand(errand, onLine, signal, onOutput)
}

/** A download that gives some bytes and then stands still: when it has begun, and how it ends. */
function standing(lab: Lab) {
  const begun = Promise.withResolvers<void>()
  onDump(lab, async (onOutput, signal) => {
    await onOutput(Buffer.from('first'))
    begun.resolve()
    await once(signal, 'abort')
    return 137
  })
  return begun.promise
}

const endOf = (client: Client, path: string) =>
  client.get(path).then(
    ({ status }) => status,
    () => 'cut',
  )

test('a HEAD tells the size and the name, and reads no content', async () => {
  const { lab, client, path } = await labWithBackup()
  onDump(lab, async () => expect.unreachable('it read the content'))
  const { headers } = await client.head(path).expect(200)
  expect(headers).toMatchObject({
    'content-length': String(sizeBytes),
    'content-disposition': expect.stringContaining('large'),
    'last-modified': expect.any(String),
  })
})

// Trouble (files): a shared folder is closed to a person who reads a removed file in its backup
test('a download out of shared/ ends when the folder is closed to the person, and does not begin after that', async () => {
  const { lab, admin, client, path } = await labWithBackup()
  const shared = path.replace(`users/${person}`, 'shared').replace('large', 'course/task.md')
  const open = async () => {
    const { body } = await admin.post('/api/shared/openings', { path: 'course', user_id: person }).expect(201)
    return () => admin.delete(`/api/shared/openings/${body.id}`).expect(204)
  }
  const close = await open()
  const begun = standing(lab)
  const ended = endOf(client, shared)
  await begun
  await close()
  expect(await ended).toBe('cut')
  await expect.poll(() => lab.engine.errands.size).toBe(0)
  const closeAgain = await open()
  const { duringErrand } = lab.engine
  lab.engine.duringErrand = async (errand, ...rest) => {
    if (errand.command.includes('ls')) await closeAgain()
    return await duringErrand(errand, ...rest)
  }
  await client.get(shared).expect(403)
})

// Trouble (files): a download out of a backup breaks off, and nobody learns why
test('the log tells why a download broke off after its first byte, unless its client left', async () => {
  const told: unknown[] = []
  const log = ({ msg, why }: Record<string, unknown>) => void (String(msg).includes('broke off') && told.push(why))
  const { lab, admin, client, path } = await labWithBackup({ logLevel: 'warn', log })
  onDump(lab, async (onOutput) => {
    await onOutput(Buffer.from('too few'))
    return 0
  })
  expect(await endOf(client, path)).toBe('cut')
  onDump(lab, async (onOutput) => {
    await onOutput(Buffer.from('too few'))
    return 1
  })
  expect(await endOf(client, path)).toBe('cut')
  const begun = standing(lab)
  const leaving = client.get(path)
  const left = leaving.catch(() => 'left')
  await begun
  leaving.abort()
  await expect.poll(() => lab.engine.errands.size).toBe(0)
  await admin.get('/api/health').expect(200)
  expect(told).toEqual([expect.stringContaining('fewer bytes'), expect.stringContaining('read a file')])
  expect(await left).toBe('left')
})

// Trouble (files): a backup gives other bytes than its list says
test('a client never gets more bytes than the answer announces', async () => {
  const { lab, client, path } = await labWithBackup()
  onDump(lab, async (onOutput) => {
    await onOutput(Buffer.alloc(1))
    await onOutput(Buffer.alloc(sizeBytes))
    return 0
  })
  let bytes = 0
  const request = client.get(path).buffer(true)
  request.parse((answer, done) => {
    answer.on('data', (chunk) => (bytes += chunk.length))
    answer.on('end', () => done(null, null))
  })
  await expect(request).rejects.toThrow('aborted')
  expect(bytes).toBe(1)
})

test('a failure before the first byte is a problem, and no file of that name', async () => {
  const { lab, client, path } = await labWithBackup()
  onDump(lab, async () => 1)
  const failed = await client.get(path).expect(503, /backup-repository-unusable/)
  expect(failed.headers).not.toHaveProperty('content-disposition')
  expect(failed.headers).not.toHaveProperty('last-modified')
  onDump(lab, async (onOutput) => {
    await onOutput(Buffer.alloc(sizeBytes + 1))
    return 0
  })
  await client.get(path).expect(503, /more bytes/)
  onDump(lab, async () => 0)
  await client.get(path).expect(503, /fewer bytes/)
})

test('a download that waits for its first byte when the service ends is answered with 503', async () => {
  const errors: unknown[] = []
  const log = ({ level, msg }: Record<string, unknown>) => void (Number(level) >= 50 && errors.push(msg))
  const { lab, client, path } = await labWithBackup({ logLevel: 'error', log })
  const reading = Promise.withResolvers<void>()
  onDump(lab, async (_, signal) => {
    reading.resolve()
    await once(signal, 'abort')
    return 137
  })
  const answer = client.get(path).then(({ status, headers }) => [status, headers['retry-after']])
  await reading.promise
  await lab.close()
  expect(await answer).toEqual([503, '60'])
  expect(errors).toEqual([])
})

// Trouble (cost): a few slow readers of backups keep everybody out
// Trouble (files): a program downloads one file after the other on one connection
test('whoever has all bytes of a file can download the next one at once, on the same connection', async () => {
  const { lab, admin } = await labWithBackup()
  const { client, token } = await lab.newUser('a@lab')
  await client.put('/api/users/a@lab/files/notes.json', {}).expect(201)
  const id = await backedUp(admin)
  const { duringErrand } = lab.engine
  lab.engine.duringErrand = async (errand, ...rest) => {
    const code = await duringErrand(errand, ...rest)
    if (errand.command.includes('dump')) await sleep(300) // its container ends and is removed
    return code
  }
  const url = await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const path = `${url}/api/users/a@lab/backups/${id}/content?path=notes.json`
  const download = async () => {
    const [answer] = await once(get(path, { agent, headers: { authorization: `Bearer ${token}` } }), 'response')
    for await (const _ of answer);
    return answer.statusCode
  }
  expect([await download(), await download(), await download()]).toEqual([200, 200, 200])
  agent.destroy()
})

/** Four people whose files the same backup has, in a lab where each download gives one byte and then stands still. */
async function fourSlowReaders({ lab, admin }: { lab: Lab; admin: Client }) {
  const others = await Promise.all(
    ['a@lab', 'b@lab', 'c@lab', 'd@lab'].map(async (id) => {
      const other = await lab.newUser(id)
      await other.client.put(`/api/users/${id}/files/notes.json`, {}).expect(201)
      return { ...other, id }
    }),
  )
  const id = await backedUp(admin)
  let reading = 0
  onDump(lab, async (onOutput, signal) => {
    await onOutput(Buffer.from('f'))
    reading += 1
    await once(signal, 'abort')
    return 137
  })
  const begin = (client: Client, path: string) => {
    const request = client.get(path)
    return { request, ended: request.catch(() => 'cut') }
  }
  return {
    begin,
    beginAll: () =>
      others.map((other) => begin(other.client, `/api/users/${other.id}/backups/${id}/content?path=notes.json`)),
    reading: () => reading,
    async cutAll(all: ReturnType<typeof begin>[]) {
      for (const { request } of all) request.abort()
      await expect.poll(() => lab.engine.errands.size).toBe(0)
      expect(new Set(await Promise.all(all.map(({ ended }) => ended)))).toEqual(new Set(['cut']))
    },
  }
}

test('slow readers leave two places to administrators, and nobody holds one while their file is looked for', async () => {
  const { lab, admin, client, path } = await labWithBackup()
  const readers = await fourSlowReaders({ lab, admin })
  const slow = readers.beginAll()
  await expect.poll(readers.reading).toBe(4)
  await client.head(path).expect(200)
  await client.get(path).expect(429, /too-many-at-once/)
  const ofAdmin = readers.begin(admin, path)
  await expect.poll(readers.reading).toBe(5)
  await readers.cutAll([...slow, ofAdmin])
})

test('administrators who download leave people their four places', async () => {
  const { lab, admin, path } = await labWithBackup()
  const readers = await fourSlowReaders({ lab, admin })
  const ofAdmin = [readers.begin(admin, path), readers.begin(admin, path)]
  await expect.poll(readers.reading).toBe(2)
  const slow = readers.beginAll()
  await expect.poll(readers.reading).toBe(6)
  await readers.cutAll([...ofAdmin, ...slow])
})

test('a name that is not UTF-8 is marked as one that leads nowhere', async () => {
  const { lab, admin, client } = await labWithBackup()
  // Stands for the octets that are no UTF-8, in the list of restic as here.
  await writeFile(join(lab.dataDir, 'users', person, 'gr\u{fffd}sse'), '')
  const { body } = await client.get(`/api/users/${person}/backups/${await backedUp(admin)}/files`).expect(200)
  const exact = Object.fromEntries(body.items.map((item: { name: string; exact: boolean }) => [item.name, item.exact]))
  expect(exact).toMatchObject({ large: true, 'gr\u{fffd}sse': false })
})

// Trouble (worst): the service is killed during a download from a backup, and the container of the download stays
test('the next start ends a download that a killed service left behind', async () => {
  const { lab, client, path } = await labWithBackup()
  const { duringErrand } = lab.engine
  let seen: Errand | null = null
  lab.engine.duringErrand = async (errand, ...rest) => {
    if (errand.command.includes('dump')) seen = errand
    return await duringErrand(errand, ...rest)
  }
  await client.get(path).expect(200)
  lab.engine.duringErrand = (_errand, _onLine, signal) => once(signal, 'abort').then(() => 137)
  const left = Promise.withResolvers<number>()
  await lab.restart(async () => {
    if (seen) lab.engine.runErrand(seen, () => {}).then(left.resolve, left.reject)
  })
  expect(await left.promise).toBe(137)
})
