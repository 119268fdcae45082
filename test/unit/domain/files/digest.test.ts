import { expect, test } from 'vitest'
import { demandedSha256, reprDigest, wantsSha256 } from '../../../../src/domain/files/digest.ts'

test.each([
  [undefined, false],
  ['', false],
  ['sha-256=1', true],
  ['sha-512=3, sha-256=10, unixsum=0', true],
  ['sha-256=0', false],
  ['sha-512=1', false],
  ['sha-256', false],
  ['not-sha-256=1', false],
])('Want-Repr-Digest: %s wants a SHA-256: %s', (header, wanted) => {
  expect(wantsSha256(header)).toBe(wanted)
})

test('a checksum comes back from its header as it was', () => {
  const sha256 = '00ff'.repeat(16)
  expect(demandedSha256(reprDigest(sha256))).toBe(sha256)
})
