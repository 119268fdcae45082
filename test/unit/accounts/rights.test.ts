import { expect, test } from 'vitest'
import { createRights } from '../../../src/accounts/rights.ts'
import type { TokenStanding } from '../../../src/domain/people/account.ts'
import { callerNamed } from '../../support/caller.ts'

const alice = callerNamed('alice')

/** Tokens that are valid until a test adds them to `ended`, and a clock that a test turns by hand. */
function createScene() {
  const scene = {
    asked: [] as string[][],
    ended: new Set<string>(),
    broken: false,
    errors: [] as unknown[],
    tick: null as (() => void) | null,
  }
  const rights = createRights({
    accounts: {
      async standingsOf(ids) {
        scene.asked.push([...ids])
        if (scene.broken) throw new Error('the database does not answer')
        const owner = { id: alice.userId, role: 'user' } as TokenStanding['owner']
        const working = ids.filter((id) => !scene.ended.has(id))
        return new Map(working.map((id) => [id, { token: { id, role: 'user' } as TokenStanding['token'], owner }]))
      },
    },
    clock: {
      now: () => 0,
      after(_, call) {
        scene.tick = call
        return () => {}
      },
    },
    onError: (error) => scene.errors.push(error),
  })
  const look = async () => {
    const { tick } = scene
    scene.tick = null
    tick?.()
    await new Promise(setImmediate)
  }
  return { ...rights, scene, look }
}

test('each look asks once for all tokens, however many streams they hold open', async () => {
  const { hold, scene, look } = createScene()
  for (let index = 0; index < 50; index += 1) hold(alice)
  hold(callerNamed('bob'))
  await look()
  expect(scene.asked).toEqual([['of alice', 'of bob']])
})

test('the looks stop once every hold is released', async () => {
  const { hold, scene, look } = createScene()
  const first = hold(alice)
  const second = hold(alice)
  first[Symbol.dispose]()
  await look()
  expect(scene.asked).toEqual([['of alice']])
  second[Symbol.dispose]()
  await look()
  expect(scene).toMatchObject({ asked: [['of alice']], tick: null })
})

test('a hold that begins after a right ended and came back has its own signal', async () => {
  const { hold, scene, look } = createScene()
  const before = hold(alice)
  scene.ended.add('of alice')
  await look()
  expect(before.signal.reason).toMatchObject({ code: 'unauthenticated' })
  scene.ended.clear()
  const after = hold(alice)
  before[Symbol.dispose]()
  await look()
  expect(after.signal.aborted).toBe(false)
  scene.ended.add('of alice')
  await look()
  expect(after.signal.aborted).toBe(true)
})

test('while the database does not answer, no right ends, one error is reported, and the looks go on', async () => {
  const { hold, scene, look } = createScene()
  const { signal } = hold(alice)
  scene.broken = true
  await look()
  await look()
  expect([signal.aborted, scene.errors.length]).toEqual([false, 1])
  scene.broken = false
  scene.ended.add('of alice')
  await look()
  expect(signal.aborted).toBe(true)
})
