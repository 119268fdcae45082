import { describe, expect, test } from 'vitest'
import { only, withChanges } from '../src/api/changes.ts'
import { environment, manyEnvironments } from './environment.ts'

const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id)
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()
const [c, b, a] = [
  environment({ id: 'c', created: at(3) }),
  environment({ id: 'b', created: at(2) }),
  environment({ id: 'a', created: at(1) }),
] as const

describe('a list after changes', () => {
  test('shows an environment as it is now, in its place', () => {
    const stopped = { ...b, status: 'exited' as const }
    expect(withChanges([c, b, a], new Map([['b', stopped]]))).toEqual([c, stopped, a])
  })

  test('leaves out what is gone, and ignores the end of what it never had', () => {
    const changes = new Map([
      ['b', null],
      ['never', null],
    ])
    expect(ids(withChanges([c, b, a], changes))).toEqual(['c', 'a'])
  })

  test('puts new ones where the service has them: by creation, and then by id', () => {
    const made = [environment({ id: 'd', created: at(4) }), environment({ id: 'bb', created: at(2) })]
    expect(ids(withChanges([c, b, a], new Map(made.map((each) => [each.id, each]))))).toEqual([
      'd',
      'c',
      'bb',
      'b',
      'a',
    ])
  })

  test('is the same list if nothing in it changes, so that nothing is drawn anew', () => {
    const list = [c, b, a]
    expect(withChanges(list, new Map())).toBe(list)
    expect(withChanges(list, new Map([['never', null]]))).toBe(list)
  })

  test('leaves out what is older than a part of it, as that is still to come', () => {
    expect(ids(withChanges([c, b], new Map([['a', a]]), { isPart: true }))).toEqual(['c', 'b'])
    expect(ids(withChanges([c, b], new Map([['a', a]])))).toEqual(['c', 'b', 'a'])
  })

  test('takes in a thousand changes of ten thousand environments at once, and touches no other one', () => {
    const list = manyEnvironments(10_000)
    const changed = list.filter((_, at) => at % 10 === 0).map((each) => ({ ...each, status: 'exited' as const }))
    const next = withChanges(list, new Map(changed.map((each) => [each.id, each])))
    expect(ids(next)).toEqual(ids(list))
    expect(next.filter((each, at) => each !== list[at])).toEqual(changed)
  })
})

describe('the changes for a list of one person', () => {
  test('are of their environments, and all ends, which have no owner', () => {
    const changes = new Map([
      ['a', environment({ id: 'a', user_id: 'anna' })],
      ['b', environment({ id: 'b', user_id: 'ben' })],
      ['c', null],
    ])
    expect([...only('anna', changes).keys()]).toEqual(['a', 'c'])
    expect(only('', changes)).toBe(changes)
  })
})
