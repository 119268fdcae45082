import { expect, test } from 'vitest'
import { mountPointsIn } from '../../../src/disk/mount-point.ts'

test("mount points are read from the kernel's list, even with spaces in their names", () => {
  const text = [
    '22 27 0:20 / /proc rw,relatime shared:5 - proc proc rw',
    '98 27 0:41 / /srv/lab/users/with\\040blank rw,relatime - fuse none rw,user_id=0',
    '',
  ].join('\n')
  expect(mountPointsIn(text)).toEqual(new Set(['/proc', '/srv/lab/users/with blank']))
})
