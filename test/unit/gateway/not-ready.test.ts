import { expect, test } from 'vitest'
import { Problem } from '../../../src/domain/problem.ts'
import { createOrNotReady } from '../../../src/gateway/not-ready.ts'

test.each([
  ['SQLITE_IOERR_READ', true],
  ['SQLITE_BUSY', true],
  ['SQLITE_BUSY_SNAPSHOT', true],
  ['SQLITE_CANTOPEN', true],
  ['SQLITE_FULL', true],
  ['SQLITE_CORRUPT_INDEX', true],
  ['SQLITE_NOTADB', true],
  ['SQLITE_READONLY_DBMOVED', true],
  ['SQLITE_PROTOCOL', true],
  ['SQLITE_ERROR', false],
  ['SQLITE_CONSTRAINT_UNIQUE', false],
  ['ECONNRESET', false],
])('the records cannot be read with %s: %s', (code, expected) => {
  const told: object[] = []
  const orNotReady = createOrNotReady({
    clock: { steady: () => 0 },
    logger: { error: (line: object) => told.push(line) },
  })
  const error = Object.assign(new Error('x'), { code })
  const given = orNotReady(error)
  expect(given instanceof Problem ? given.code : given).toBe(expected ? 'lab-not-ready' : error)
  expect(told).toHaveLength(expected ? 1 : 0)
})
