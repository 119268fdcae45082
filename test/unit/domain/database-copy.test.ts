import { expect, test } from 'vitest'
import { copiesToDrop, copyName, newestCopyOf } from '../../../src/domain/database-copy.ts'

const copyOf = (tables: string, day: number) => copyName(tables, Date.UTC(2026, 10, day, 14, 2, 11, 250))

test('a copy is named by the newest change of its tables and by its time, to the second', () => {
  expect(copyOf('0012-upstreams-and-openings', 26)).toBe('ai-lab-0012-upstreams-and-openings-2026-11-26T14-02-11Z.db')
})

test('the newest copy of the tables of each version is kept, and of these the newest five', () => {
  const tables = ['0001-first', '0003-b', '0004-c', '0005-d', '0006-e', '0007-f']
  const copies = tables.map((name, at) => copyOf(name, at + 1))
  const again = copyOf('0003-b', 20)
  const made = copyOf('0007-f', 21)
  const first = [copies[0], copies[1], copies[5]]
  expect(copiesToDrop([...copies, again, made], made)).toEqual(first)
  expect(copiesToDrop([again, made], made)).toEqual([])
})

test('the copy that was just made is kept, even if the clock was set back since the others', () => {
  const later = [2, 3, 4, 5, 6].map((tables) => copyOf(`000${tables}-x`, 20 + tables))
  const made = copyOf('0007-x', 1)
  expect(copiesToDrop([...later, made], made)).toEqual([copyOf('0002-x', 22)])
  const ofTheFuture = copyOf('0007-x', 27)
  expect(copiesToDrop([ofTheFuture, made], made)).toEqual([ofTheFuture])
})

test('of the copies of one version the newest is found, among other files', () => {
  const names = ['draft', copyOf('0006-e', 3), copyOf('0006-e', 5), copyOf('0006-e', 4), copyOf('0007-f', 9)]
  expect(newestCopyOf(names, '0006-e')).toBe(copyOf('0006-e', 5))
  expect(newestCopyOf(names, '0005-d')).toBeNull()
})

test('files with other names are left alone', () => {
  const made = copyOf('0002-x', 2)
  const others = [
    'draft',
    'ai-lab.db',
    'ai-lab-before.db',
    'ai-lab-0001-first-2026-11-26T14-02-11Z.db.bak',
    `my ${made}`,
  ]
  expect(copiesToDrop([...others, made], made)).toEqual([])
})
