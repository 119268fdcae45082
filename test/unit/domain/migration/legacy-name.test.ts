import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleaned, type LegacyMap, ownerOf, ownerOfRecord } from '../../../../src/domain/migration/legacy-name.ts'
import { type UserId, userId } from '../../../../src/domain/people/user-id.ts'

const ids = (...texts: string[]) => new Set(texts.map((text) => userId.parse(text)))
const noMap: LegacyMap = new Map()
const people = (accounts: string[], mentioned: string[] = []) => ({
  accounts: ids(...accounts),
  mentioned: ids(...mentioned),
})
const known = (user: string) => ({ kind: 'known', user })

describe('legacy folders:', () => {
  test('a folder belongs to the one account with this cleaned id', () => {
    expect(cleaned('demo@ailab.com')).toBe('demo_at_ailab_com')
    expect(ownerOf('demo_at_ailab_com', people(['demo@ailab.com', 'x@y.z']), noMap)).toEqual(known('demo@ailab.com'))
  })

  test('a folder with an id as its name belongs to that account', () => {
    expect(ownerOf('demo@ailab.com', people(['demo@ailab.com']), noMap)).toEqual(known('demo@ailab.com'))
    expect(ownerOf('alice', people(['alice', 'bob']), noMap)).toEqual(known('alice'))
  })

  test('a folder in upper case belongs to the same person, since ids do not differ by case', () => {
    expect(ownerOf('Demo_at_AILab_com', people(['demo@ailab.com']), noMap)).toEqual(known('demo@ailab.com'))
  })

  test('a folder that fits two accounts belongs to nobody, even if it is exactly the id of one', () => {
    const candidates = ['a.b@x', 'a_b@x']
    expect(ownerOf('a_b_at_x', people(candidates), noMap)).toEqual({ kind: 'unknown', candidates })
    expect(ownerOf('a_b', people(['a.b', 'a_b']), noMap)).toEqual({ kind: 'unknown', candidates: ['a.b', 'a_b'] })
  })

  test('a folder that fits a person whom only the earlier platform knew belongs to nobody', () => {
    const both = people(['a_b@x'], ['a.b@x'])
    expect(ownerOf('a_b_at_x', both, noMap)).toEqual({ kind: 'unknown', candidates: ['a.b@x', 'a_b@x'] })
    expect(ownerOf('a_b_at_x', people([], ['a.b@x']), noMap)).toEqual({ kind: 'unknown', candidates: ['a.b@x'] })
  })

  test('a folder has a known owner even if the earlier platform recorded its cleaned name', () => {
    const both = people(['demo@ailab.com'], ['demo_at_ailab_com'])
    expect(ownerOf('demo_at_ailab_com', both, noMap)).toEqual(known('demo@ailab.com'))
  })

  test('the mapping file gives a folder to a person, or leaves it out', () => {
    const map: LegacyMap = new Map([
      ['a_b_at_x', userId.parse('new@x')],
      ['tests', null],
    ])
    expect(ownerOf('a_b_at_x', people(['a.b@x']), map)).toEqual(known('new@x'))
    expect(ownerOf('tests', people(['tests']), map)).toEqual({ kind: 'left-out' })
  })

  // Trouble (migration): nobody can tell who owns a legacy folder
  test('a folder never goes to a person with another cleaned id, or to one of two who fit', () => {
    const id = fc
      .stringMatching(/^[ab][ab._@]{0,4}$/)
      .filter((text) => userId.safeParse(text).success)
      .map((text) => text as UserId)
    fc.assert(
      fc.property(fc.uniqueArray(id), fc.uniqueArray(id), fc.stringMatching(/^[ab][ab._@]{0,8}$/), (has, had, name) => {
        const ownership = ownerOf(name, { accounts: new Set(has), mentioned: new Set(had) }, noMap)
        if (ownership.kind !== 'known') return true
        const { user } = ownership
        const others = has.filter((other) => other !== user && cleaned(other) === name)
        return has.includes(user) && (user === name || cleaned(user) === name) && others.length === 0
      }),
    )
  })
})

describe('records of containers:', () => {
  const owner = (name: string, accounts: string[], map = noMap) =>
    ownerOfRecord(name, userId.safeParse(name).data ?? null, people(accounts), map)

  test('a record under an id with @ or a dot belongs to that id, with or without an account', () => {
    expect(owner('demo@ailab.com', [])).toEqual(known('demo@ailab.com'))
  })

  test('a record under a cleaned name belongs to the one account that fits', () => {
    expect(owner('demo_at_ailab_com', ['demo@ailab.com'])).toEqual(known('demo@ailab.com'))
    expect(owner('demo_at_ailab_com', [])).toEqual({ kind: 'unknown', candidates: [] })
  })

  test('the mapping file decides on a record by its name or its cleaned name', () => {
    const map: LegacyMap = new Map([['demo_at_ailab_com', userId.parse('new@ailab.com')]])
    expect(owner('demo_at_ailab_com', [], map)).toEqual(known('new@ailab.com'))
    expect(owner('demo@ailab.com', [], map)).toEqual(known('new@ailab.com'))
  })
})
