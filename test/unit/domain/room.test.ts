import { expect, test } from 'vitest'
import { isNearlyFull, missingIn, type Room } from '../../../src/domain/room.ts'

const MiB = 2 ** 20

function room(freeBytes: number, totalBytes: number, freeFiles = 0, totalFiles = 0): Room {
  return { freeBytes, totalBytes, freeFiles, totalFiles }
}

test.each([
  ['a small disk that is half empty', room(32 * MiB, 64 * MiB), false],
  ['a small disk with little left', room(5 * MiB, 64 * MiB), true],
  ['a large disk with little left', room(150 * MiB, 2 ** 40), true],
  ['a large disk with plenty left', room(200 * 2 ** 30, 2 ** 42), false],
  ['a disk with few files left', room(2 ** 40, 2 ** 41, 900, 10 ** 6), true],
  ['a disk with no limit of files', room(2 ** 40, 2 ** 41), false],
])('whether %s is nearly full', (_, of, isFull) => {
  expect(isNearlyFull(of)).toBe(isFull)
})

test.each([
  ['without room', room(0, 64 * MiB, 5, 10), 'room'],
  ['without inodes', room(MiB, 64 * MiB, 0, 10), 'inodes'],
  ['without a limit of inodes', room(MiB, 64 * MiB, 0, 0), null],
  ['with both', room(MiB, 64 * MiB, 5, 10), null],
])('what a disk %s lacks', (_, of, missing) => {
  expect(missingIn(of)).toBe(missing)
})
