import { expect, test } from 'vitest'
import { chosenTemplate } from '../src/create/chosen-template.ts'
import { de } from '../src/words/de.ts'
import { en } from '../src/words/en.ts'
import { writeBytes, writeWhen } from '../src/words/write.ts'

type Node = { [key: string]: Node | string }

/** The texts of a catalogue by their keys. */
function textsOf(node: Node, path = ''): [string, string][] {
  return Object.entries(node).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[`${path}${key}`, value]] : textsOf(value, `${path}${key}.`),
  )
}

const [english, german] = [new Map(textsOf(en)), new Map(textsOf(de))]
const places = (text: string) => (text.match(/\{\{\w+(, \w+)?\}\}/g) ?? []).sort()

test('German has a text for each English one, with the same places for values', () => {
  expect([...german.keys()].sort()).toEqual([...english.keys()].sort())
  for (const [key, text] of english) expect([key, places(german.get(key) ?? '')]).toEqual([key, places(text)])
})

test('German is not English: few texts are the same in both', () => {
  const same = [...english].filter(([key, text]) => german.get(key) === text && /[a-z]{4,} [a-z]{3,}/.test(text))
  expect(same).toEqual([])
})

test('sizes have three digits that count', () => {
  expect([0, 1023, 1024, 1_572_864, 8 * 2 ** 30, 123 * 2 ** 40].map(writeBytes)).toEqual([
    '0 B',
    '1,023 B',
    '1 KiB',
    '1.5 MiB',
    '8 GiB',
    '123 TiB',
  ])
})

test('times are told by how far they are', () => {
  const now = Date.parse('2026-01-01T12:00:00Z')
  const when = (iso: string) => writeWhen(iso, now)
  expect(when('2026-01-01T11:59:50Z')).toBe('10 seconds ago')
  expect(when('2026-01-01T09:00:01Z')).toBe('2 hours ago')
  expect(when('2026-01-01T12:05:00Z')).toBe('in 5 minutes')
})

test('yesterday is the day before today, not less than 48 hours ago', () => {
  const now = new Date(2026, 0, 2, 1).getTime() // in the zone of the reader, as the days are
  const when = (...time: [number, number, number, number]) => writeWhen(new Date(...time).toISOString(), now)
  expect(when(2026, 0, 1, 0)).toBe('yesterday')
  expect(when(2025, 11, 31, 2)).toBe('2 days ago')
  expect(when(2026, 0, 3, 23)).toBe('tomorrow')
  expect(when(2025, 10, 5, 2)).toBe('1 month ago')
})

test('the chosen template is the one picked, or the last one, or the first, and never one that the tier excludes', () => {
  const templates = [
    { name: 'gpu', allowed: false },
    { name: 'lab', allowed: true },
    { name: 'tiny', allowed: true },
  ]
  expect(chosenTemplate(templates, null, null)).toBe('lab')
  expect(chosenTemplate(templates, null, 'tiny')).toBe('tiny')
  expect(chosenTemplate(templates, 'lab', 'tiny')).toBe('lab')
  expect(chosenTemplate(templates, null, 'gpu')).toBe('lab')
  expect(chosenTemplate([], 'lab', null)).toBeNull()
})
