import { expect, test } from 'vitest'
import { placeOfRepository } from '../../../../src/domain/backups/repository-place.ts'

test.each([
  ['/mnt/backups', { kind: 'folder', path: '/mnt/backups' }],
  ['sftp:lab@nas.lab:/backups', { kind: 'sftp', user: 'lab', host: 'nas.lab', port: 22, path: '/backups' }],
  ['sftp://lab@10.0.0.7:2222/a/b', { kind: 'sftp', user: 'lab', host: '10.0.0.7', port: 2222, path: '/a/b' }],
  ['sftp://lab@nas//a', { kind: 'sftp', user: 'lab', host: 'nas', port: 22, path: '/a' }],
  ['s3:https://s3.lab:9000/bucket/lab/', { kind: 's3', url: 'https://s3.lab:9000/bucket/lab' }],
])('%s is a place for a repository', (text, place) => {
  expect(placeOfRepository(text)).toEqual(place)
})

test.each([
  'backups',
  'sftp:nas:/backups',
  'sftp:lab@nas:backups',
  'sftp:lab@-oProxyCommand=id:/backups',
  'sftp:-l@nas:/backups',
  'sftp:lab@nas:/a -o ProxyCommand=id',
  'sftp:lab@nas:/a"b',
  's3:http://s3.lab/bucket',
  's3:https://user:secret@s3.lab/bucket',
  's3:https://s3.lab',
  'rest:https://lab/',
])('%j is none', (text) => {
  expect(placeOfRepository(text)).toBeNull()
})
