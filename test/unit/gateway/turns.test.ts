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

test('eight answered connections are read in a turn of the loop, and the others in the turns after it, in their order', async () => {
  const answered = createTurns()
  const { all, held } = connections(20)
  for (const each of all) answered(each)
  expect(held).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
  await turn()
  expect(held).toEqual([16, 17, 18, 19])
  await turn()
  expect(held).toEqual([])
})

test('those that are answered while others wait come after them', async () => {
  const answered = createTurns()
  const { all, held } = connections(20)
  for (const each of all.slice(0, 12)) answered(each)
  await turn() // the last four are read
  for (const each of all.slice(12)) answered(each)
  expect(held).toEqual([16, 17, 18, 19])
  await turn()
  expect(held).toEqual([])
})

test('few connections never wait, however often they are answered', async () => {
  const answered = createTurns()
  const { all, held } = connections(8)
  for (let round = 0; round < 5; round += 1) {
    for (const each of all) answered(each)
    expect(held).toEqual([])
    await turn()
  }
})

// Trouble (worst): a client sends several requests before it reads an answer, and then opens a WebSocket
test('a connection that is answered twice in a turn is resumed once', async () => {
  const answered = createTurns()
  const { all, held } = connections(20)
  for (const each of all) answered(each)
  for (const each of all.slice(8)) answered(each)
  expect(held).toHaveLength(12)
  for (let turns = 0; turns < 4; turns += 1) await turn()
  expect(held).toEqual([])
})
