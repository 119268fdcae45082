import { pino } from 'pino'
import { expect, test } from 'vitest'
import { idlenessLog } from '../../../src/assembly/service-log.ts'
import { Problem } from '../../../src/domain/problem.ts'

test.each([
  ['another program holds the database', new Problem('database-busy', 'Another program writes.'), 'warn'],
  ['the disk is full', new Problem('no-room', 'The disk is full.'), 'warn'],
  ['the service has a fault', new TypeError('x is undefined'), 'error'],
])('if %s, a broken look at the use of an environment is logged at the right level', (_, error, level) => {
  const lines: string[] = []
  const logger = pino({}, { write: (line) => void lines.push(line) })
  idlenessLog(logger).broken('e1', error)
  expect(lines.map((line) => pino.levels.labels[JSON.parse(line).level])).toEqual([level])
})
