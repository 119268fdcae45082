import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { containersWith, docker, probesOf } from './support/docker.ts'
import { createNotebook, notebookOf, untilStatus } from './support/notebook.ts'
import { startService } from './support/service.ts'

test("the notebook and the host see the same files, in shared/ and in the person's folder", async () => {
  await using service = await startService()
  const notebook = await createNotebook(service)
  const mine = join(service.dataDir, 'users/admin')

  const listed = await notebook.jupyter('GET', 'contents/shared/notebooks')
  expect(listed.body.content.map(({ name }: { name: string }) => name)).toEqual(['welcome.ipynb'])

  const written = await notebook.jupyter('PUT', 'contents/data/hello.txt', {
    type: 'file',
    format: 'text',
    content: 'hello',
  })
  expect(written.status).toBe(201)
  expect(await readFile(join(mine, 'hello.txt'), 'utf8')).toBe('hello')
  const { uid, gid, mode } = await stat(join(mine, 'hello.txt'))
  expect([uid, gid]).toEqual([1000, 100])
  expect(mode & 0o600).toBe(0o600)

  await writeFile(join(service.dataDir, 'shared/dropped.csv'), 'a,b\n')
  expect((await notebook.jupyter('GET', 'contents/shared/dropped.csv')).body.content).toBe('a,b\n')

  const forbidden = await notebook.jupyter('PUT', 'contents/shared/mine.txt', {
    type: 'file',
    format: 'text',
    content: 'x',
  })
  expect(forbidden.status).toBeGreaterThanOrEqual(400)
  expect(await readdir(join(service.dataDir, 'shared'))).not.toContain('mine.txt')
})

const runWelcome = `
import nbclient, nbformat
notebook = nbformat.read('/home/jovyan/shared/notebooks/welcome.ipynb', as_version=4)
print(nbformat.writes(nbclient.NotebookClient(notebook).execute()))
`

test("the welcome notebook really runs, and writes its result into the person's folder", async () => {
  await using service = await startService()
  const { id } = await createNotebook(service)
  const done = JSON.parse(await docker('exec', id, 'python3', '-c', runWelcome))
  const outputs = done.cells.flatMap((cell: { outputs?: object[] }) => cell.outputs ?? [])
  expect(JSON.stringify(outputs)).toContain('image/png')
  expect((await readFile(join(service.dataDir, 'users/admin/churn-by-week.csv'), 'utf8')).split('\n')[0]).toBe(
    'week,churned',
  )
})

test('stop, start, restart, pause, resume and delete keep every file', async () => {
  await using service = await startService()
  const { id, jupyter } = await createNotebook(service)
  await jupyter('PUT', 'contents/data/kept.txt', { type: 'file', format: 'text', content: 'kept' })
  const act = async (action: string, status: string) => {
    expect((await service.call('POST', `/api/environments/${id}/${action}`)).status).toBe(202)
    return untilStatus(service, id, status)
  }
  await act('stop', 'exited')
  await act('start', 'running')
  await act('restart', 'running')
  await act('pause', 'paused')
  const resumed = await act('resume', 'running')
  const kept = await (await notebookOf(resumed)).jupyter('GET', 'contents/data/kept.txt')
  expect(kept.body.content).toBe('kept')

  expect((await service.call('DELETE', `/api/environments/${id}`)).status).toBe(202)
  await expect
    .poll(async () => (await service.call('GET', `/api/environments/${id}`)).status, { timeout: 15_000 })
    .toBe(404)
  expect(await containersWith(`ai-lab.environment=${id}`)).toEqual([])
  expect(await readFile(join(service.dataDir, 'users/admin/kept.txt'), 'utf8')).toBe('kept')
})

// Trouble (input): the service is killed
test('a killed service keeps every record, and its environments run on', async () => {
  await using service = await startService()
  const { id } = await createNotebook(service)
  const half = await service.call('POST', '/api/environments', { body: { template: 'jupyterlab', name: 'half made' } })
  await service.end('SIGKILL')
  await service.startAgain()
  const found = await untilStatus(service, id, 'running')
  expect((await (await notebookOf(found)).jupyter('GET', 'status')).status).toBe(200)
  expect(await untilStatus(service, half.body.id, 'running')).toMatchObject({ name: 'half made' })
  expect(await containersWith(`ai-lab.root=${service.rootId}`)).toHaveLength(2)
})

test('a service that ends leaves its environments, and nothing else, in the engine', async () => {
  await using service = await startService()
  const { id } = await createNotebook(service)
  expect(await service.end('SIGTERM')).toBe(0)
  expect(await docker('ps', '--all', '--filter', 'name=ai-lab', '--format', '{{.Names}} {{.State}}')).toContain(
    `${id} running`,
  )
  expect(await probesOf(service.rootId)).toEqual([])
})

test("one person never sees another's files, nor the platform's own", async () => {
  await using service = await startService()
  const tokens: string[] = []
  for (const id of ['alice@lab', 'bob@lab']) {
    await service.call('POST', '/api/users', { body: { id } })
    tokens.push((await service.call('POST', '/api/tokens', { body: { user_id: id, name: 'test' } })).body.token)
  }
  const alice = await createNotebook(service, {}, tokens[0])
  const bob = await createNotebook(service, {}, tokens[1])
  await alice.jupyter('PUT', 'contents/data/secret.txt', { type: 'file', format: 'text', content: 'secret' })
  expect((await bob.jupyter('GET', 'contents/data')).body.content).toEqual([])
  const seen = await docker(
    'exec',
    bob.id,
    'sh',
    '-c',
    'cat /proc/self/mountinfo; find / -name first-admin-token 2>/dev/null; ls /var/run/docker.sock 2>&1 || true',
  )
  expect(seen).not.toContain('alice@lab')
  expect(seen).not.toContain('first-admin-token')
  expect(seen).toContain('No such file')
})

// Trouble (known): the engine starts containers before a disk is mounted
test('every environment has limits for memory, CPU, processes and rights', async () => {
  await using service = await startService()
  const { id } = await createNotebook(service, { resources: { memory_bytes: 512 * 2 ** 20, cpu_cores: 1 } })
  const { HostConfig: host, Config: config } = JSON.parse(await docker('inspect', id))[0]
  expect(host).toMatchObject({
    Memory: 512 * 2 ** 20,
    NanoCpus: 1e9,
    PidsLimit: 4096,
    CapDrop: ['ALL'],
    SecurityOpt: expect.arrayContaining(['no-new-privileges:true']),
    RestartPolicy: { Name: 'no' },
    Binds: null,
    Privileged: false,
  })
  expect(config.User).toBe('1000:100')
  expect(Object.values(host.PortBindings)).toEqual([[{ HostIp: '127.0.0.1', HostPort: expect.any(String) }]])
  const stats = await service.call('GET', `/api/environments/${id}/stats`)
  expect(stats.body).toMatchObject({ memory_limit_bytes: 512 * 2 ** 20 })
  expect(stats.body.memory_bytes).toBeGreaterThan(10 * 2 ** 20)
  expect((await service.call('GET', `/api/environments/${id}/logs`)).body).not.toContain(service.adminToken)
})

// Trouble (input): a path has spaces, colons, commas or unicode
test.each(['two words', 'colon:and,comma', 'ünïcödé-データ', 'per cent %20 "quoted"'])(
  'the data root works below a folder named "%s"',
  async (name) => {
    await using service = await startService()
    await service.end()
    const folder = join(service.dataDir, '..', name)
    await mkdir(folder)
    await using odd = await startService({ folder })
    const notebook = await createNotebook(odd)
    await notebook.jupyter('PUT', 'contents/data/hello.txt', { type: 'file', format: 'text', content: 'hello' })
    expect(await readFile(join(odd.dataDir, 'users/admin/hello.txt'), 'utf8')).toBe('hello')
  },
)
