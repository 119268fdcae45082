import { expect, test } from 'vitest'
import { reach } from '../../../src/restic/place.ts'

const base = '/0123456789abcdef'

test('a folder is the only thing to see, and there is no network', () => {
  expect(reach('/mnt/backups', base, { readOnly: true })).toEqual({
    ...{ repository: `${base}/repository`, options: [], env: {}, needsNetwork: false },
    mounts: [{ source: '/mnt/backups', target: `${base}/repository`, readOnly: true }],
  })
})

test('ssh uses the given key and no other, asks nobody, and trusts no server that it does not know', () => {
  const server = { user: 'lab', host: 'nas.lab', port: 2222, path: '/backups' }
  const place = { kind: 'sftp', ...server, key: '/etc/lab/key', knownHosts: '/etc/lab/known_hosts' } as const
  const { repository, options, mounts, needsNetwork } = reach(place, base, { readOnly: false })
  expect([repository, needsNetwork]).toEqual(['sftp:lab@nas.lab:/backups', true])
  const [, command = ''] = options
  expect(command).toMatch(/^sftp\.command=\/usr\/bin\/ssh -F none .* -p 2222 -l lab nas\.lab -s sftp$/)
  for (const option of ['BatchMode=yes', 'StrictHostKeyChecking=yes', 'IdentitiesOnly=yes', `-i ${base}/key`]) {
    expect(command).toContain(option)
  }
  expect(mounts.map(({ source, readOnly }) => [source, readOnly])).toEqual([
    ['/etc/lab/key', true],
    ['/etc/lab/known_hosts', true],
  ])
})

test('the credentials of S3 are a file that only the container sees', () => {
  const place = { kind: 's3', url: 'https://s3.lab/backups', credentials: '/etc/lab/s3', certificates: '/ca' } as const
  expect(reach(place, base, { readOnly: false })).toEqual({
    ...{ repository: 's3:https://s3.lab/backups', options: ['--cacert', `${base}/certificates`], needsNetwork: true },
    env: { AWS_SHARED_CREDENTIALS_FILE: `${base}/credentials` },
    mounts: [
      { source: '/etc/lab/s3', target: `${base}/credentials`, readOnly: true },
      { source: '/ca', target: `${base}/certificates`, readOnly: true },
    ],
  })
  expect(reach({ ...place, certificates: null }, base, { readOnly: false }).options).toEqual([])
})
