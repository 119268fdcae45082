import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTurns } from '../../../src/gateway/turns.ts'

/** Connections by number; `held` are those that are not read. */
function connections(count: number) {
  const held: number[] = []
  const all = Array.from({ length: count }, (_, at) => ({
    pause() {
      if (!held.includes(at)) held.push(at)
      return this as never
    },
    resume() {
      if (!held.includes(at)) throw new Error(`${at} is resumed, and was not held.`)
      held.splice(held.indexOf(at), 1)
      return this as never
    },
  }))
  return { all, held }
}

const from = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at)

test('of many answered connections 64 are read at once, then eight in each turn of the loop, in their order', async () => {
  const answered = createTurns()
  const { all, held } = connections(76)
  for (const each of all) answered(each)
  expect(held).toEqual(from(64, 12))
  await turn()
  expect(held).toEqual(from(72, 4))
  await turn()
  expect(held).toEqual([])
})

test('those that are answered while others wait come after them', async () => {
  const answered = createTurns()
  const { all, held } = connections(90)
  for (const each of all.slice(0, 80)) answered(each)
  await turn() // eight of the sixteen are read
  for (const each of all.slice(80)) answered(each)
  expect(held).toEqual(from(72, 18))
  await turn()
  expect(held).toEqual(from(80, 10))
  await turn()
  expect(held).toEqual(from(88, 2))
  await turn()
  expect(held).toEqual([])
})

test('few connections never wait, however often they are answered', async () => {
  const answered = createTurns()
  const { all, held } = connections(64)
  for (let round = 0; round < 5; round += 1) {
    for (const each of all) answered(each)
    expect(held).toEqual([])
    await turn()
  }
})

test('connections do not wait any more once all were read', async () => {
  const answered = createTurns()
  const { all, held } = connections(76)
  for (const each of all) answered(each)
  for (let turns = 0; turns < 3; turns += 1) await turn()
  for (const each of all.slice(0, 50)) answered(each)
  expect(held).toEqual([])
})

// Trouble (worst): a client sends several requests before it reads an answer, and then opens a WebSocket
test('a connection that is answered twice in a turn is resumed once', async () => {
  const answered = createTurns()
  const { all, held } = connections(76)
  for (const each of all) answered(each)
  for (const each of all.slice(64)) answered(each)
  expect(held).toHaveLength(12)
  for (let turns = 0; turns < 4; turns += 1) await turn()
  expect(held).toEqual([])
})
