import { describe, expect, test } from 'vitest'
import { chosenByKey, stillChosen } from '../src/shell/chosen.ts'
import { found } from '../src/shell/found.ts'
import { actsAsked } from '../src/shell/palette-acts.ts'
import { environment, manyEnvironments } from './environment.ts'

describe('what the palette finds', () => {
  const entries = [
    { label: 'My churn', more: 'anna' },
    { label: 'churn model', more: 'ben' },
    { label: 'figures', more: 'churn@lab' },
    { label: 'sandbox' },
  ]

  test('begins with the query, or has it, or has all its words beside the name', () => {
    expect(found(entries, 'churn', 12).map(({ label }) => label)).toEqual(['churn model', 'My churn', 'figures'])
    expect(found(entries, 'model ben', 12).map(({ label }) => label)).toEqual(['churn model'])
  })

  test('is never more than asked for', () => {
    const many = manyEnvironments(10_000).map(({ name }) => ({ label: name }))
    expect(found(many, 'study', 12)).toHaveLength(12)
    expect(found(many, '', 5)).toHaveLength(5)
  })
})

describe('the acts that a query asks for', () => {
  const verbs = {
    start: 'Start',
    stop: 'Stop',
    restart: 'Restart',
    pause: 'Pause',
    resume: 'Resume',
    recreate: 'Recreate',
    delete: 'Delete',
  }
  const list = [
    environment({ id: 'a', name: 'churn model' }),
    environment({ id: 'b', name: 'sandbox', status: 'exited' }),
  ]
  const asked = (query: string) =>
    actsAsked(list, query, { verbs, atMost: 4 }).map(({ act, environment: { name } }) => `${act} ${name}`)

  test('are of an environment with the other words', () => {
    expect(asked('stop churn')).toEqual(['stop churn model'])
    expect(asked('del mod')).toEqual(['delete churn model'])
  })

  test('are first of those that are called so, then of those with the words in their id or person', () => {
    const others = [environment({ id: 'lab-2', name: 'many 3' }), environment({ id: 'lab-a', name: 'many 2' })]
    const first = actsAsked(others, 'delete many 2', { verbs, atMost: 4 }).map(({ environment: { name } }) => name)
    expect(first).toEqual(['many 2', 'many 3'])
  })

  test('are none that its status does not allow', () => {
    expect(asked('stop sandbox')).toEqual([])
    expect(asked('sta')).toEqual(['start sandbox'])
  })

  test('are none for a name alone', () => {
    expect(asked('churn')).toEqual([])
    expect(asked('s')).toEqual([])
  })

  test('may have a name of two words, each only begun', () => {
    const german = { ...verbs, restart: 'Neu starten', recreate: 'Neu anlegen' }
    const ofAnna = [environment({ id: 'a', name: 'churn model', user_id: 'anna@lab' })]
    const acts = (query: string) =>
      actsAsked(ofAnna, query, { verbs: german, atMost: 4 }).map(({ act, environment: { name } }) => `${act} ${name}`)
    expect(acts('neu starten churn')).toEqual(['restart churn model'])
    expect(acts('neu an churn')).toEqual(['recreate churn model'])
    expect(acts('neu churn')).toEqual(['restart churn model', 'recreate churn model'])
    expect(acts('starten churn')).toEqual([])
  })
})

describe('the line that Enter takes', () => {
  test('is the first that comes, and stays the same when others come and go', () => {
    expect(stillChosen([], null)).toBeNull()
    expect(stillChosen(['stop a', 'stop b'], null)).toBe('stop a')
    expect(stillChosen(['stop new', 'stop a', 'stop b'], 'stop a')).toBe('stop a')
  })

  test('is no other one when it is gone', () => {
    expect(stillChosen(['stop b'], 'stop a')).toBe('stop a')
  })

  test.each([
    ['ArrowDown', 'a', 'b'],
    ['ArrowDown', 'c', 'a'],
    ['ArrowUp', 'a', 'c'],
    ['ArrowUp', 'b', 'a'],
    ['ArrowDown', 'gone', 'a'],
    ['Home', 'b', 'b'],
  ])('is by %s on %s then %s', (key, chosen, next) => {
    expect(chosenByKey(key, ['a', 'b', 'c'], chosen)).toBe(next)
  })

  test('is none where there are no lines', () => {
    expect(chosenByKey('ArrowDown', [], null)).toBeNull()
  })
})
