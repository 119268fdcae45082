import { expect, test } from 'vitest'
import { checkStorage } from '../../../src/doctor/checks/storage.ts'
import type { StorageSight } from '../../../src/doctor/observations.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { observations, seen } from '../../support/observations.ts'

const gibibyte = 2 ** 30
const on = { kind: 'on' } as const
type Person = StorageSight['people'][number]
const alice = (changes: Partial<Person> = {}): Person => ({
  id: userId.parse('alice@lab'),
  limitBytes: 10 * gibibyte,
  isSubvolume: true,
  setBytes: 10 * gibibyte,
  ...changes,
})
const check = (quotas: StorageSight['quotas'], ...people: Person[]) =>
  checkStorage(observations({ storage: seen({ quotas, people }) }))

test('without a limit, and where the file system holds all limits, nothing is wrong', () => {
  expect(check({ kind: 'off', isBtrfs: false, reason: 'x' }, alice({ limitBytes: null }))).toMatchObject([
    { status: 'ok' },
  ])
  expect(check(on, alice())).toMatchObject([
    { status: 'ok', summary: 'The file system holds everybody to their limit.' },
  ])
})

test('on another file system than Btrfs the doctor says that only counting holds the limits', () => {
  expect(check({ kind: 'off', isBtrfs: false, reason: 'the data root is not on Btrfs' }, alice())).toMatchObject([
    {
      status: 'note',
      summary: 'Only counting holds the limits.',
      detail: expect.stringContaining('until the disk is full'),
    },
  ])
})

test('on Btrfs the doctor prints the commands that the service had no right to run', () => {
  const reason = 'only root may read and set quotas'
  const plain = alice({ id: userId.parse('bob'), isSubvolume: false })
  expect(check({ kind: 'off', isBtrfs: true, reason }, alice(), plain)).toMatchObject([
    {
      status: 'warning',
      summary: `Only counting holds the limits: ${reason}.`,
      command:
        'btrfs quota enable /srv/lab/users\nbtrfs qgroup limit 10737418240 0/$(btrfs inspect-internal rootid /srv/lab/users/alice@lab) /srv/lab/users',
    },
  ])
  expect(check(on, alice({ setBytes: null }))).toMatchObject([
    {
      status: 'warning',
      summary: 'The folder of alice@lab has no limit.',
      command: expect.stringMatching(/^btrfs qgroup/),
    },
  ])
})

// Trouble (doctor): a tier has no limit any more, and the folders of its people still have one
test('a quota that no tier asks for any more comes with the command that takes it away', () => {
  expect(check(on, alice({ limitBytes: null }), alice({ limitBytes: null, setBytes: null }))).toMatchObject([
    {
      status: 'warning',
      summary: 'The folder of alice@lab has a limit of 10 GiB.',
      detail: expect.stringContaining('by the tier it would have no limit'),
      command: 'btrfs qgroup limit none 0/$(btrfs inspect-internal rootid /srv/lab/users/alice@lab) /srv/lab/users',
    },
  ])
})

test('a plain folder comes with the commands that make it a subvolume, and nothing of it is removed', () => {
  const [found] = check(on, alice({ isSubvolume: false }))
  expect(found).toMatchObject({ status: 'warning', summary: 'The folder of alice@lab cannot have a limit.' })
  expect(found?.command).toContain('btrfs subvolume create .new-alice@lab')
  expect(found?.command).not.toContain('rm ')
})
