import { describe, expect, test } from 'vitest'
import { areSame, everything, filterOf, matching, queryOf } from '../src/all/matching.ts'
import { type SortKey, sortAfter, sorted } from '../src/all/order.ts'
import { chosenAfter, planOf } from '../src/all/plan.ts'
import { saidOf } from '../src/all/said.ts'
import { environment, manyEnvironments } from './environment.ts'

const names = (list: readonly { name: string }[]) => list.map(({ name }) => name)

describe('the environments that fit a filter', () => {
  const list = [
    environment({ id: '1', name: 'Churn model', user_id: 'anna@lab' }),
    environment({ id: '2', name: 'figures', user_id: 'ben@lab', status: 'failed', template: 'minimal' }),
  ]

  test('are all without one: the same list', () => {
    expect(matching(list, everything)).toBe(list)
  })

  test('have each word of the text in name, id, person or template', () => {
    expect(names(matching(list, { ...everything, text: 'MODEL anna' }))).toEqual(['Churn model'])
    expect(names(matching(list, { ...everything, text: 'model ben' }))).toEqual([])
  })

  test('have the person, the template and one of the statuses', () => {
    expect(names(matching(list, { ...everything, statuses: ['failed', 'exited'] }))).toEqual(['figures'])
    expect(names(matching(list, { ...everything, person: 'anna@lab', template: 'minimal' }))).toEqual([])
  })
})

describe('the filter in an address', () => {
  test('is read as it was written; what is empty is left out', () => {
    const filter = { text: 'a%41 &b', person: 'anna@lab', statuses: ['failed', 'exited'], template: '' }
    const query = queryOf(filter)
    expect(query).toEqual({ text: 'a%41 &b', person: 'anna@lab', status: 'failed,exited' })
    expect(filterOf(new URLSearchParams(query))).toEqual(filter)
    expect(filterOf(new URLSearchParams())).toEqual(everything)
  })

  test('keeps a list of names if a change brings no new one', () => {
    expect(areSame(['a', 'b'], ['a', 'b'])).toBe(true)
    expect(areSame(['a', 'b'], ['a', 'c'])).toBe(false)
    expect(areSame(['a', 'b'], ['a'])).toBe(false)
  })
})

describe('the order', () => {
  const list = [
    environment({ name: 'study 10', status: 'running' }),
    environment({ name: 'Study 9', status: 'failed' }),
    environment({ name: 'Ähre', status: 'exited' }),
  ]

  test('by name knows numbers and letters of other languages', () => {
    expect(names(sorted(list, { by: 'name', isDown: false }).items)).toEqual(['Ähre', 'Study 9', 'study 10'])
    expect(names(sorted(list, { by: 'name', isDown: true }).items)).toEqual(['study 10', 'Study 9', 'Ähre'])
  })

  test('by status has first what needs a person', () => {
    expect(names(sorted(list, { by: 'status', isDown: false }).items)).toEqual(['Study 9', 'study 10', 'Ähre'])
  })

  test('by creation is that of the list', () => {
    const many = manyEnvironments(3)
    expect(sorted(many, { by: 'created', isDown: true }).items).toBe(many)
    expect(names(sorted(many, { by: 'created', isDown: false }).items)).toEqual(['study 2', 'study 1', 'study 0'])
  })

  test('has the newest first among equals, whichever the direction', () => {
    const many = manyEnvironments(3).map((each) => ({ ...each, template: 'jupyterlab' }))
    for (const isDown of [false, true])
      expect(names(sorted(many, { by: 'template', isDown }).items)).toEqual(['study 0', 'study 1', 'study 2'])
  })

  test('is the same after any changes as if all were sorted anew', () => {
    const sorts: SortKey[] = ['name', 'status', 'person', 'template', 'created', 'lastUsed']
    for (const by of sorts)
      for (const isDown of [false, true]) {
        const many = manyEnvironments(500)
        const first = sorted(many, { by, isDown })
        const next = [
          environment({ id: 'new', name: 'study 77', created: '2026-02-01T00:00:00.000Z' }),
          ...many.flatMap((each, at) =>
            at % 7 === 0
              ? []
              : at % 5 === 0
                ? [{ ...each, name: `changed ${at % 11}`, status: 'failed' as const }]
                : [each],
          ),
        ]
        expect(sorted(next, { by, isDown }, first)).toEqual(sorted(next, { by, isDown }))
        // Sorted by something else, the last order is no help.
        expect(sorted(next, { by: 'name', isDown }, first)).toEqual(sorted(next, { by: 'name', isDown }))
      }
  })

  test('turns round when the same head is pressed again; times begin with the newest', () => {
    expect(sortAfter({ by: 'name', isDown: false }, 'name')).toEqual({ by: 'name', isDown: true })
    expect(sortAfter({ by: 'name', isDown: true }, 'lastUsed')).toEqual({ by: 'lastUsed', isDown: true })
    expect(sortAfter({ by: 'created', isDown: true }, 'person')).toEqual({ by: 'person', isDown: false })
  })
})

describe('an act on many', () => {
  test('is for those whose status allows it, and says whose they are', () => {
    const chosen = [
      environment({ user_id: 'anna', status: 'running' }),
      environment({ user_id: 'anna', status: 'running' }),
      environment({ user_id: 'ben', status: 'exited' }),
      environment({ user_id: 'carl', status: 'unknown' }),
    ]
    expect(planOf('stop', chosen)).toMatchObject({ leftOut: 2, people: ['anna'] })
    expect(planOf('start', chosen)).toMatchObject({ leftOut: 3, people: ['ben'] })
    expect(planOf('delete', chosen)).toMatchObject({ leftOut: 1, people: ['anna', 'ben'] })
  })

  test('starts what is paused too', () => {
    const paused = environment({ status: 'paused', desired_state: 'paused' })
    expect(planOf('start', [paused]).environments).toEqual([paused])
  })

  test('offers nothing for what is being deleted', () => {
    expect(planOf('delete', [environment({ desired_state: 'gone' })]).environments).toEqual([])
  })
})

describe('choosing rows', () => {
  const order = ['a', 'b', 'c', 'd']
  const press = (id: string, isChosen: boolean, isRange: boolean) => ({ id, isChosen, isRange })

  test('adds and takes away one', () => {
    expect([...chosenAfter(new Set(['a']), press('b', true, false), { order, last: null })]).toEqual(['a', 'b'])
    expect([...chosenAfter(new Set(['a', 'b']), press('a', false, false), { order, last: null })]).toEqual(['b'])
  })

  test('with the shift key takes all between the last pressed one and this, in either direction', () => {
    expect([...chosenAfter(new Set(['d']), press('b', true, true), { order, last: 'd' })].sort()).toEqual([
      'b',
      'c',
      'd',
    ])
    expect([...chosenAfter(new Set(order), press('c', false, true), { order, last: 'b' })]).toEqual(['a', 'd'])
  })

  test('takes this one alone if a filter hides the last pressed one', () => {
    expect([...chosenAfter(new Set(), press('b', true, true), { order, last: 'hidden' })]).toEqual(['b'])
  })
})

test('of an act on many, a reader of the screen hears the start, each refusal and the end', () => {
  const error = new Error('It is starting.')
  const refused = [{ id: '1', name: 'figures', userId: 'anna@lab', error }]
  expect(saidOf({ state: 'going', refused: [] })).toEqual({ kind: 'going' })
  expect(saidOf({ state: 'going', refused })).toEqual({ kind: 'refusal', name: 'figures', error })
  expect(saidOf({ state: 'over', refused })).toEqual({ kind: 'over' })
})
