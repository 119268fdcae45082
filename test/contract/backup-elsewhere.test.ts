/** Repositories on another machine: real restic on the real engine. */
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackupPart, snapshotFolderOf } from '../../src/domain/backups/backup.ts'
import type { UserId } from '../../src/domain/people/user-id.ts'
import type { BackupRepository } from '../../src/ports/backup-repository.ts'
import type { Errand } from '../../src/ports/engine.ts'
import type { ResticPlace } from '../../src/restic/place.ts'
import { realEngine } from '../support/engine-real.ts'
import { realRepository } from '../support/real-restic.ts'
import { startS3Server } from '../support/s3-server.ts'
import { type SshServer, startSshServer } from '../support/ssh-server.ts'
import { swappingFolder } from '../support/swapping.ts'

const engine = realEngine()
const part: BackupPart = { kind: 'person', userId: 'demo@ailab.com' as UserId }

let folder: string
let server: SshServer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-elsewhere-'))
  await mkdir(join(folder, 'data'))
  await writeFile(join(folder, 'data/small'), 'kept')
  server = await startSshServer(folder)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const place = (more: Partial<SshServer> & { path?: string } = {}): ResticPlace => ({
  ...{ kind: 'sftp', user: 'root', host: server.host, port: server.port },
  ...{ path: join(folder, 'there/repository'), key: server.key, knownHosts: server.knownHosts, ...more },
})

/** Uses a repository once from its begin to its end. */
async function useOnce(repository: BackupRepository): Promise<void> {
  expect(await repository.isBegun()).toBe(false)
  await repository.begin()
  const saving = { backupId: 'one', part, hostPath: join(folder, 'data'), largestFileBytes: 2 ** 30 }
  await repository.save(saving, () => {})
  const [snapshot] = await repository.snapshots()
  if (!snapshot) throw new Error('nothing was saved')
  const hostPath = await mkdtemp(join(folder, 'restored-'))
  await repository.restore({ snapshot, path: '', hostPath }, () => {})
  expect(await readFile(join(hostPath, snapshotFolderOf(part), 'small'), 'utf8')).toBe('kept')
  await repository.drop([snapshot.id])
  expect(await repository.snapshots()).toEqual([])
}

test.concurrent('a repository by SFTP is begun, filled, restored from and emptied', async () => {
  await mkdir(join(folder, 'there'))
  await useOnce(realRepository(engine, place(), 'sesame'))
  expect(await readdir(join(folder, 'there/repository'))).toContain('config')
})

test.concurrent('a repository by S3 is begun, filled, restored from and emptied', async () => {
  await using s3 = await startS3Server(folder)
  const { url, credentials, certificates } = s3
  await useOnce(realRepository(engine, { kind: 's3', url, credentials, certificates }, 'sesame'))
  expect(await readdir(join(folder, 's3/lab'))).not.toEqual([])
})

// Trouble (files): a folder is swapped for a link while a backup by SFTP reads it, in which ssh runs beside restic
test.concurrent('a swapped link leads neither to the key of ssh nor to that of the backups', async () => {
  const processes = Array.from({ length: 12 }, (_, at) => `/proc/${at + 1}`)
  const descriptors = Array.from({ length: 16 }, (_, n) => String(n))
  const targets = [
    ...processes.map((path) => ({ path: `${path}/fd`, names: descriptors })),
    ...processes.map((path) => ({ path, names: ['environ', 'cmdline', 'mountinfo', 'maps', 'mem'] })),
  ]
  const hostile = join(folder, 'hostile')
  await using _swapping = await swappingFolder(hostile, targets)
  const password = `the key of the backups ${randomUUID()}`
  const repository = realRepository(engine, place({ path: join(folder, 'there-hostile') }), password)
  await repository.begin()
  await repository.save({ backupId: 'one', part, hostPath: hostile, largestFileBytes: 2 ** 30 }, () => {})
  const [snapshot] = await repository.snapshots()
  const hostPath = await mkdtemp(join(folder, 'restored-'))
  if (snapshot) await repository.restore({ snapshot, path: '', hostPath }, () => {}).catch(() => {})
  expect(await readdir(join(hostPath, snapshotFolderOf(part)))).toContain('x0')
  const [, line = '', next = ''] = (await readFile(server.key, 'utf8')).split('\n')
  for (const secret of [password, line, next]) {
    expect(secret.length).toBeGreaterThan(20)
    expect(spawnSync('grep', ['-rlaF', secret, hostPath], { encoding: 'utf8' }).stdout).toBe('')
  }
})

// Trouble (files): another server has taken the place of the one with the backups
test.concurrent('a server whose key is another one, or that does not let the service in, is told and never trusted', async () => {
  const stranger = join(folder, 'stranger')
  await writeFile(stranger, `[${server.host}]:${server.port} ssh-ed25519 ${'A'.repeat(68)}\n`)
  const foreign = realRepository(engine, place({ knownHosts: stranger }), 'sesame')
  const refused = { code: 'backup-repository-unusable', detail: expect.stringContaining('cannot be reached') }
  await expect(foreign.isBegun()).rejects.toMatchObject(refused)
  const unknown = realRepository(engine, place({ key: join(folder, 'host-key') }), 'sesame')
  await expect(unknown.isBegun()).rejects.toMatchObject(refused)
  const nobody = realRepository(engine, place({ port: 9 }), 'sesame')
  await expect(nobody.isBegun()).rejects.toMatchObject(refused)
  const missing = realRepository(engine, place({ key: join(folder, 'nowhere') }), 'sesame')
  await expect(missing.isBegun()).rejects.toMatchObject({
    code: 'backup-repository-unusable',
    adminDetail: expect.stringContaining('nowhere'),
  })
})

// Trouble (files): who may inspect a container reads the secrets of the backups
test.concurrent('neither the command nor a variable of the container has a secret, and a local repository has no network', async () => {
  const seen: Errand[] = []
  const watched = {
    ...{ endErrands: engine.endErrands, importImage: engine.importImage, inspect: engine.inspect },
    runErrand: async (errand: Errand) => {
      seen.push(errand)
      return 0
    },
  }
  const password = randomUUID()
  await realRepository(watched, place(), password).isBegun()
  await realRepository(watched, join(folder, 'there'), password).isBegun()
  const key = (await readFile(server.key, 'utf8')).split('\n')[1] ?? ''
  for (const { command, env, labels } of seen) {
    for (const secret of [password, key]) expect(JSON.stringify([command, env, labels])).not.toContain(secret)
  }
  expect(seen.map(({ needsNetwork }) => needsNetwork)).toEqual([true, false])
})
