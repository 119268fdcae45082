import { expect, test } from 'vitest'
import { windowOf } from '../src/parts/visible-rows.ts'

const table = { count: 10_000, rowPx: 44, heightPx: 440, spare: 6 }

test('the head of a long table has the rows in view and some below', () => {
  expect(windowOf({ ...table, topPx: 0 })).toEqual({ from: 0, to: 16 })
})

test('its middle has some on both sides', () => {
  expect(windowOf({ ...table, topPx: 44 * 5_000 })).toEqual({ from: 4_994, to: 5_016 })
})

test('its end stops at the last row', () => {
  expect(windowOf({ ...table, topPx: 44 * 9_990 })).toEqual({ from: 9_984, to: 10_000 })
})

test('a list that has become shorter than the scroll shows its last rows, not none', () => {
  expect(windowOf({ ...table, count: 20, topPx: 44 * 5_000 })).toEqual({ from: 10, to: 20 })
  expect(windowOf({ ...table, count: 0, topPx: 44 * 5_000 })).toEqual({ from: 0, to: 0 })
})
