import { expect, test } from 'vitest'
import { areStillTheNames, type FolderStamp, mayKeepNames } from '../../../../src/domain/files/kept-names.ts'

const nowMs = 1_800_000_000_000
const began = { nowMs, steadyMs: 5_000 }
const at = (ms: number): bigint => BigInt(ms) * 1_000_000n

const stampAt = (changedMs: number, changes: Partial<FolderStamp> = {}): FolderStamp => ({
  ...{ dev: 64_768n, ino: 42n, size: 4_096n, mtimeNs: at(changedMs), ctimeNs: at(changedMs) },
  ...changes,
})

test.each([
  ['an hour before the reading began', nowMs - 3_600_000, true],
  ['two seconds before', nowMs - 2_000, true],
  ['less than two seconds before, so that another change may leave the same time', nowMs - 1_999, false],
  ['at that very moment', nowMs, false],
  ['in the future, because the time of day was set back', nowMs + 3_600_000, false],
])('names of a folder that last changed %s', (_when, changedMs, isKept) => {
  const stamp = stampAt(changedMs)
  expect(mayKeepNames(began, stamp, { ...stamp })).toBe(isKept)
})

test.each([
  ['a change', { ctimeNs: at(nowMs), mtimeNs: at(nowMs) }],
  ['a change of a nanosecond', { ctimeNs: at(nowMs - 9_000) + 1n }],
  ['a change, and the mtime set back', { ctimeNs: at(nowMs) }],
])('names are not kept if there was %s while they were read', (_what, changes) => {
  expect(mayKeepNames(began, stampAt(nowMs - 9_000), stampAt(nowMs - 9_000, changes))).toBe(false)
})

test('a person who sets the mtime back hides no change, and one who sets it to the future slows nothing down', () => {
  const [back, ahead] = [at(0), at(nowMs * 2)]
  const fresh = stampAt(nowMs, { mtimeNs: back })
  expect(mayKeepNames(began, fresh, fresh)).toBe(false)
  const old = stampAt(nowMs - 9_000, { mtimeNs: ahead })
  expect(mayKeepNames(began, old, old)).toBe(true)
})

const stamp = stampAt(nowMs - 9_000)
const kept = { began, stamp }
const later = (ms: number) => ({ nowMs: nowMs + ms, steadyMs: 5_000 + ms })

test('kept names count as long as the folder is the same and has not changed', () => {
  const seen = (changes: Partial<FolderStamp>) => ({ at: later(86_400_000), stamp: { ...stamp, ...changes } })
  expect(areStillTheNames(kept, seen({}))).toBe(true)
  expect(areStillTheNames(kept, seen({ ctimeNs: stamp.ctimeNs + 1n }))).toBe(false)
  expect(areStillTheNames(kept, seen({ mtimeNs: stamp.mtimeNs - 1n }))).toBe(false)
  expect(areStillTheNames(kept, seen({ ino: 43n }))).toBe(false)
  expect(areStillTheNames(kept, seen({ dev: 64_769n }))).toBe(false)
})

test('a new folder with the inode of a removed one has later times, so it gets none of its names', () => {
  expect(areStillTheNames(kept, { at: later(60_000), stamp: stampAt(nowMs + 1_000) })).toBe(false)
})

test.each([
  ['set back by an hour, right after the reading', { nowMs: nowMs - 3_600_000, steadyMs: 5_000 }, false],
  ['set back by an hour, two hours later', { nowMs: nowMs + 3_600_000, steadyMs: 5_000 + 7_200_000 }, false],
  ['set back by two seconds', { nowMs: nowMs + 58_000, steadyMs: 5_000 + 60_000 }, false],
  ['corrected by half a second', { nowMs: nowMs + 59_500, steadyMs: 5_000 + 60_000 }, true],
  ['set forward', { nowMs: nowMs + 3_600_000, steadyMs: 5_000 + 60_000 }, true],
])('with a time of day that was %s', (_what, at, counts) => {
  expect(areStillTheNames(kept, { at, stamp })).toBe(counts)
})
