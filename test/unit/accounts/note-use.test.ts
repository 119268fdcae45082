import { expect, test } from 'vitest'
import { createNoteUse } from '../../../src/accounts/note-use.ts'
import type { Token } from '../../../src/domain/people/account.ts'

const minute = 60_000

function createScene() {
  const scene = { writes: [] as [string, number][], firsts: 0 }
  const note = createNoteUse({
    async record({ id }: Pick<Token, 'id' | 'lastUsedAt'>, at) {
      scene.writes.push([id, at])
      throw new Error('the disk is full')
    },
    onFirst: () => {
      scene.firsts += 1
    },
  })
  const use = (lastUsedAt: number | null, now: number, id = 't') => note({ id, lastUsedAt }, now)
  return { use, scene }
}

test('the service records the use of a token at most once a minute, even if writing fails, and reports its first use once', () => {
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

test('the service does not record a use that an earlier run recorded a moment ago', () => {
  const { use, scene } = createScene()
  use(5, minute + 4)
  expect(scene).toEqual({ writes: [], firsts: 0 })
  use(5, minute + 5)
  expect(scene).toEqual({ writes: [['t', minute + 5]], firsts: 0 })
})

test('the service records a use although its clock was set back', () => {
  const { use, scene } = createScene()
  use(100 * minute, 7)
  expect(scene.writes).toEqual([['t', 7]])
})
