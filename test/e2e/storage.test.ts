/** A data root on Btrfs: the proof holds on subvolumes, and a notebook cannot write beyond the storage of its person. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createQuotaDisk } from './support/disk.ts'
import { docker } from './support/docker.ts'
import { startService } from './support/service.ts'
import { createTiny, createTinyFolder, environmentOf } from './support/tiny.ts'

// Trouble (files): a notebook writes until the disk of the lab is full
// Trouble (files): an administrator takes the limits out of the catalogue, and notebooks are still held to them
test('on Btrfs a notebook cannot write beyond the storage of its person, until the limit is taken away, while the proof holds', async () => {
  await using tiny = await createTinyFolder('storage')
  // A backup needs 200 MiB that stay free.
  await using _disk = await createQuotaDisk(join(tiny.folder, 'disk'), '8M', '1G')
  const { CATALOG_FILE } = tiny.catalog
  const catalog = await readFile(CATALOG_FILE, 'utf8')
  await writeFile(CATALOG_FILE, catalog.replace('max_environments: 1000', 'max_environments: 1000\n    storage: 16MiB'))
  await using service = await startService({
    env: { DATA_DIR: join(tiny.folder, 'disk/lab'), BACKUP_KEY_FILE: join(tiny.folder, 'key'), CATALOG_FILE },
  })
  const { id, user_id } = await createTiny(service)
  const mounts = (await environmentOf(service, id)).mounts
  expect(mounts).toMatchObject([{ proof: { status: 'proven' } }, { proof: { status: 'proven' } }])

  // The folder is new: a service that starts sets the limits before it does anything else.
  await service.end()
  await service.startAgain()
  const limits = async () => (await service.call('GET', '/api/data/usage')).body.limits
  await expect.poll(limits).toEqual({ held_by: 'quota', reason: null, not_held: [] })
  const write = (mebibytes: number) =>
    docker('exec', id, 'dd', 'if=/dev/zero', 'of=/home/jovyan/data/file', 'bs=1M', `count=${mebibytes}`)
  await write(8)
  await expect(write(40)).rejects.toThrow('Disk quota exceeded')

  await service.call('POST', '/api/data/usage')
  const own = async () => (await service.call('GET', `/api/users/${user_id}/usage`)).body
  await expect.poll(own).toMatchObject({ limit_bytes: 16 * 2 ** 20, standing: 'near' })
  expect((await environmentOf(service, id)).mounts).toMatchObject([
    { proof: { status: 'proven' } },
    { proof: { status: 'proven' } },
  ])
  await docker('exec', id, 'rm', '/home/jovyan/data/file')
  await write(8)

  // The backup reads the person's folder as of one instant.
  const { body: backup } = await service.call('POST', '/api/admin/backups', { headers: { prefer: 'wait=55' } })
  expect(backup).toMatchObject({ status: 'done', result: { from_snapshots: 1, left_out: [] } })
  expect(await readdir(join(service.dataDir, 'admin/snapshots'))).toEqual([])

  // Without the limit in the catalogue, there is none.
  await service.end()
  await writeFile(CATALOG_FILE, catalog)
  await service.startAgain()
  await expect.poll(() => write(40).catch(({ message }: Error) => message)).not.toContain('Disk quota exceeded')
  expect((await limits()).reason).toContain('nobody has a limit')
})
