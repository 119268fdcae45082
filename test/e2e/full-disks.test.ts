/** A disk that becomes full, or a quota that is used up, in the middle of what people do with their files. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createQuotaDisk } from './support/disk.ts'
import { type RunningService, startService } from './support/service.ts'

const execute = promisify(execFile)
const mebibyte = 2 ** 20
const noRoom = '/problems/no-room'
const [content, rain, resumed] = [4, 4, 5].map((mebibytes) => randomBytes(mebibytes * mebibyte)) as [
  Buffer,
  Buffer,
  Buffer,
]
const filesPath = '/api/users/bob/files'
const tus = { 'tus-resumable': '1.0.0' }
const waiting = { prefer: 'wait=55' }

/** Where bytes go, each of which may be a disk of its own. */
const places = ['users/bob', 'admin/uploads', 'admin/trash', 'admin/restores', 'admin/backups']

/** A disk with room for what the service keeps free. */
async function plainDisk(at: string): Promise<{ limited: string } & AsyncDisposable> {
  await mkdir(at)
  await execute('mount', ['-t', 'tmpfs', '-o', 'size=320m,mode=755', 'none', at])
  return { limited: at, [Symbol.asyncDispose]: async () => void (await execute('umount', ['--lazy', at])) }
}

/** A service whose places of bytes are all on that disk, which another program can fill. */
async function openLab(make: typeof plainDisk) {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp('/dev/shm/ai-lab-full-')
  stack.defer(() => rm(folder, { recursive: true }))
  const { limited } = stack.use(await make(join(folder, 'disk')))
  const service = await startService({ folder, env: { USAGE_INTERVAL: 'off', BACKUP_KEY_FILE: join(folder, 'key') } })
  await service.call('POST', '/api/users', { body: { id: 'bob', tier: 'default' } })
  for (const place of places) {
    const [from, at] = [join(limited, place), join(service.dataDir, place)]
    for (const each of [from, at]) await mkdir(each, { recursive: true })
    await execute('mount', ['--bind', from, at])
    stack.defer(async () => void (await execute('umount', ['--lazy', at])))
  }
  await chown(join(service.dataDir, 'users/bob'), 1000, 100)
  stack.use(service)
  const all = stack.move()
  const [ballast, spare] = ['ballast', 'spare'].map((name) => join(limited, name)) as [string, string]
  return {
    service,
    home: join(service.dataDir, 'users/bob'),
    async fill(leaveBytes = 0) {
      await writeFile(spare, Buffer.alloc(leaveBytes))
      for (const size of ['1M', '4k']) {
        const dd = ['if=/dev/zero', `of=${ballast}`, `bs=${size}`, 'oflag=append', 'conv=notrunc,fsync']
        await execute('dd', dd).catch(() => {})
      }
      await rm(spare)
      await execute('sync', ['-f', limited])
    },
    async makeRoom() {
      await rm(ballast, { force: true })
      await execute('sync', ['-f', limited])
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

/** Sends the content in two parts; `between` happens once the service has some of the first. */
async function send(
  service: RunningService,
  { method, path, headers = {} }: { method: string; path: string; headers?: Record<string, string | number> },
  bytes: Buffer,
  between: () => Promise<void>,
) {
  const asking = request(`${service.url}${path}`, {
    method,

    headers: { authorization: `Bearer ${service.adminToken}`, 'content-length': bytes.length, ...headers },
  })
  const answered = once(asking, 'response')
  asking.write(bytes.subarray(0, mebibyte))
  await between()
  asking.end(bytes.subarray(mebibyte))
  const [response] = await answered
  const text = Buffer.concat(await response.toArray()).toString()
  return { status: response.statusCode, type: text === '' ? null : JSON.parse(text).type }
}

// Trouble (files): the disk or the quota is used up in the middle of an upload, a copy, a deletion, a backup or a restore
test.each([
  ['disk is full', plainDisk, ['copy', 'backup', 'restore']],
  // For a minute restic itself tries again to write beyond a quota.
  [
    'quota is used up',
    (at: string) => createQuotaDisk(at, '40M', '1G'),
    ['copy', 'restore', ...(process.env.CI ? ['backup'] : [])],
  ],
])(
  'when the %s in the middle, each request says no-room, nothing is half, and all goes on once there is room',
  async (_what, make, kinds) => {
    await using lab = await openLab(make)
    const { service, home } = lab
    const call = (method: string, path: string, body?: object) =>
      service.call(method, path, { headers: waiting, ...(body && { body }) })
    const put = (name: string) =>
      send(service, { method: 'PUT', path: `${filesPath}/${name}` }, content, async () => {})
    expect(await put('old')).toMatchObject({ status: 201 })
    await mkdir(join(service.dataDir, 'shared/datasets/rain'), { recursive: true })
    await writeFile(join(service.dataDir, 'shared/datasets/rain/days'), rain)
    const { body: backup } = await call('POST', '/api/admin/backups')
    expect(backup).toMatchObject({ status: 'done' })

    const full = [507, noRoom]
    const untouched = async (about: string) => {
      expect((await readdir(home)).toSorted(), about).toEqual(['.ai-lab-work', 'old'])
      expect((await readFile(join(home, 'old'))).equals(content), about).toBe(true)
      expect(await readdir(join(home, '.ai-lab-work')), about).toEqual([])
      expect(await readdir(join(service.dataDir, 'admin/trash')), about).toEqual([])
      expect(await readdir(join(service.dataDir, 'admin/restores')), about).toEqual([])
    }
    const onceBegun = async () => {
      await expect.poll(() => readdir(join(home, '.ai-lab-work'))).toHaveLength(1)
      await lab.fill()
    }
    for (const name of ['new', 'old']) {
      const { status, type } = await send(service, { method: 'PUT', path: `${filesPath}/${name}` }, content, onceBegun)
      expect([status, type], name).toEqual(full)
      await untouched(`upload of ${name}`)
      await lab.makeRoom()
    }

    // A resumable upload: it keeps what it has.
    const to = Buffer.from(`${filesPath}/resumed`).toString('base64')
    const begun = { ...tus, 'upload-length': `${resumed.length}`, 'upload-metadata': `to ${to}` }
    const { headers } = await service.call('POST', '/api/uploads', { headers: begun })
    const { pathname } = new URL(headers.get('location') ?? '', service.url)
    const uploaded = async () =>
      Number((await service.call('HEAD', pathname, { headers: tus })).headers.get('upload-offset'))
    const sendRest = async (between: () => Promise<void>) => {
      const offset = await uploaded()
      const piece = { ...tus, 'content-type': 'application/offset+octet-stream', 'upload-offset': offset }
      return await send(service, { method: 'PATCH', path: pathname, headers: piece }, resumed.subarray(offset), between)
    }
    const ofUpload = await sendRest(async () => {
      const stored = join(service.dataDir, 'admin/uploads', pathname.split('/').at(-1) ?? '')
      await expect.poll(async () => (await stat(stored)).size).toBeGreaterThan(0)
      await lab.fill()
    })
    expect([ofUpload.status, ofUpload.type]).toEqual(full)
    await untouched('resumable upload')
    await lab.makeRoom()
    expect(await sendRest(async () => {})).toEqual({ status: 204, type: null })
    expect((await readFile(join(home, 'resumed'))).equals(resumed)).toBe(true)

    // What is done as a job may be refused at once, or fail.
    const { body: token } = await call('POST', '/api/tokens', { user_id: 'bob', name: 'bob' })
    const jobs = {
      copy: { path: '/api/shared/datasets/rain/copy', token: token.token },
      backup: { path: '/api/admin/backups' },
      restore: {
        path: `/api/admin/backups/${backup.result.backup_id}/restore`,
        body: { user_id: 'bob', in_place: true },
      },
    }
    const endOf = async (job: { path: string; token?: string; body?: object }) => {
      const { status, body } = await service.call('POST', job.path, { ...job, headers: waiting })
      if (status !== 202) return [status, body.type]
      let ended = body
      while (['queued', 'running'].includes(ended.status)) ended = (await call('GET', `/api/jobs/${body.id}`)).body
      return [ended.status, ended.failure?.code ?? null]
    }
    const look = async () => ({
      files: (await readdir(home)).toSorted(),
      contents: await Promise.all(['old', 'resumed'].map((name) => readFile(join(home, name)))),
      work: await readdir(join(home, '.ai-lab-work')),
      trash: await readdir(join(service.dataDir, 'admin/trash')),
      restores: await readdir(join(service.dataDir, 'admin/restores')),
      backups: (await call('GET', '/api/admin/backups')).body.items.map(({ id }: { id: string }) => id),
    })
    const before = await look()
    expect(before).toMatchObject({ work: [], trash: [], restores: [], backups: [backup.result.backup_id] })
    await lab.fill(2 * mebibyte)
    const some = Object.entries(jobs).filter(([name]) => kinds.includes(name))
    for (const [name, job] of some) {
      expect([full, ['failed', 'no-room']], name).toContainEqual(await endOf(job))
      expect(await look(), name).toEqual(before)
    }
    await lab.makeRoom()
    for (const [name, job] of some) expect(await endOf(job), name).toEqual(['done', null])
    expect((await readFile(join(home, 'datasets/rain/days'))).equals(rain)).toBe(true)
    expect((await readFile(join(home, 'old'))).equals(content)).toBe(true)
  },
)
