import { expect, test } from 'vitest'
import { createNoteUse } from '../../../src/accounts/note-use.ts'
import type { Token } from '../../../src/domain/people/account.ts'

const minute = 60_000

function createScene() {
  const scene = { writes: [] as [string, number][], firsts: 0 }
  const note = createNoteUse({
    accounts: {
      async recordUse(id, at) {
        scene.writes.push([id, at])
        throw new Error('the disk is full')
      },
    },
    onFirst: () => {
      scene.firsts += 1
    },
  })
  const use = (lastUsedAt: number | null, now: number, id = 't') => note({ id, lastUsedAt } as Token, now)
  return { use, scene }
}

test('the use of a token is written at most once a minute, also while writing fails, and its first is told once', () => {
  const { use, scene } = createScene()
  for (let now = 0; now < 3 * minute; now += 1_000) use(null, now)
  expect(scene).toEqual({
    writes: [
      ['t', 0],
      ['t', minute],
      ['t', 2 * minute],
    ],
    firsts: 1,
  })
})

test('a token that another run of the service wrote a moment ago is not written again', () => {
  const { use, scene } = createScene()
  use(5, minute + 4)
  expect(scene).toEqual({ writes: [], firsts: 0 })
  use(5, minute + 5)
  expect(scene).toEqual({ writes: [['t', minute + 5]], firsts: 0 })
})

test('a clock that was set back does not keep a use from being written', () => {
  const { use, scene } = createScene()
  use(100 * minute, 7)
  expect(scene.writes).toEqual([['t', 7]])
})
