import { expect, test } from 'vitest'
import { remoteKind, resticPlace } from '../../../src/assembly/restic-place.ts'

const host = { folder: async () => '/lab/ai-lab-data/admin/backups', dataRoot: async () => '/lab/ai-lab-data' }
const none = { sftp: { key: null, knownHosts: null }, s3: { credentials: null, certificates: null } }
const sftp = 'sftp:lab@nas.lab:/backups'
const placeOf = (settings: Partial<Parameters<typeof resticPlace>[0]>) =>
  resticPlace({ repository: null, ...none, ...settings }, host)

test('the repository is in the data root unless another folder is set', async () => {
  expect(await placeOf({})).toBe('/lab/ai-lab-data/admin/backups')
  expect(await placeOf({ repository: '/mnt/backups' })).toBe('/mnt/backups')
  expect([remoteKind({ repository: null }), remoteKind({ repository: '/mnt' })]).toEqual([null, null])
})

test('a place on another machine comes with the files that it needs', async () => {
  const files = { key: '/etc/lab/key', knownHosts: '/etc/lab/hosts' }
  expect(await placeOf({ repository: sftp, sftp: files })).toMatchObject({ kind: 'sftp', host: 'nas.lab', ...files })
  const s3 = { credentials: '/etc/lab/s3', certificates: null }
  expect(await placeOf({ repository: 's3:https://s3.lab/b', s3 })).toEqual({
    kind: 's3',
    url: 'https://s3.lab/b',
    ...s3,
  })
  expect(remoteKind({ repository: sftp })).toBe('sftp')
})

test.each([
  ['BACKUP_SFTP_KEY_FILE is missing', { key: null, knownHosts: '/etc/lab/hosts' }],
  ['BACKUP_SFTP_KNOWN_HOSTS is missing', { key: '/etc/lab/key', knownHosts: null }],
  ['BACKUP_SFTP_KEY_FILE is in the data root', { key: '/lab/ai-lab-data/shared/key', knownHosts: '/etc/lab/hosts' }],
])('backups are off if %s', async (words, files) => {
  await expect(placeOf({ repository: sftp, sftp: files })).rejects.toMatchObject({
    code: 'backups-off',
    adminDetail: expect.stringContaining(words),
  })
})
