import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { createBound } from '../../../src/gateway/bound.ts'
import { callerNamed } from '../../support/caller.ts'

const ada = callerNamed('ada', { role: 'admin' })
const of = (person: string, id: string) => ({ id, userId: callerNamed(person).userId })
const tooMany = expect.objectContaining({ code: 'too-many-at-once', retryAfterSeconds: 2 })

/** A caller takes places at an environment until there is none left. */
function createScene() {
  const takePlace = createBound()
  const taken: EventEmitter[] = []
  const take = (caller: typeof ada, environment: ReturnType<typeof of>) => {
    const connection = new EventEmitter()
    takePlace({ caller, environment }, connection)
    taken.push(connection)
  }
  const fill = (...asked: Parameters<typeof take>) => {
    const before = taken.length
    expect(() => {
      for (;;) take(...asked)
    }).toThrow(tooMany)
    return taken.length - before
  }
  return { take, fill, taken }
}

// Trouble (authority): a page of an environment opens WebSockets until an administrator who visits it is let in nowhere
test("another person's environment uses up only the places that an administrator has there", () => {
  const { take, fill, taken } = createScene()
  expect(fill(ada, of('mallory', 'hers'))).toBe(1_000)
  take(ada, of('bob', 'his'))
  take(ada, of('ada', 'own'))
  take(callerNamed('mallory'), of('mallory', 'hers'))
  taken[0]?.emit('close')
  take(ada, of('mallory', 'hers'))
  expect(() => take(ada, of('mallory', 'hers'))).toThrow(tooMany)
})

test("a person's places are for all their own environments together, and an administrator has ten times as many", () => {
  const { take, fill, taken } = createScene()
  const bob = callerNamed('bob')
  expect(fill(bob, of('bob', 'one'))).toBe(1_000)
  expect(() => take(bob, of('bob', 'other'))).toThrow(tooMany)
  taken[0]?.emit('close')
  take(bob, of('bob', 'other'))
  expect(fill(ada, of('ada', 'own'))).toBe(10_000)
})
