import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countNames, packNames, unpackNames } from '../../../../src/domain/files/packed-names.ts'
import { pageOfNames } from '../../../../src/domain/files/page-of-names.ts'

const octet = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code))
const someNames = fc.uniqueArray(fc.string({ unit: octet, minLength: 1, maxLength: 3 }), { maxLength: 40 })
const hiddenOnes = new Set(['a', '\xff', '\x01'])

test('the pages one after the other give every name once, in order, whatever the order in which they come', () => {
  fc.assert(
    fc.property(someNames, fc.integer({ min: 1, max: 10 }), fc.boolean(), (names, limit, isReverse) => {
      const given: string[] = []
      let after: string | null = null
      for (let more = true; more; after = given.at(-1) ?? null) {
        const page: ReturnType<typeof pageOfNames> = pageOfNames(packNames(names), { after, limit, isReverse })
        expect(page.names.length).toBe(Math.min(limit, names.length - given.length))
        given.push(...page.names)
        more = page.more
      }
      const sorted = [...names].sort((a, b) => (a < b ? -1 : 1))
      expect(given).toEqual(isReverse ? sorted.reverse() : sorted)
    }),
  )
})

test('hidden names are on no page, and no page says that others follow if those are all hidden', () => {
  fc.assert(
    fc.property(someNames, fc.integer({ min: 1, max: 40 }), (some, limit) => {
      const names = [...new Set([...some, ...hiddenOnes])]
      const isHidden = (name: string) => hiddenOnes.has(name)
      const seen = names.filter((name) => !isHidden(name)).sort((a, b) => (a < b ? -1 : 1))
      const page = pageOfNames(packNames(names), { after: null, limit, isHidden })
      expect(page).toEqual({ names: seen.slice(0, limit), more: seen.length > limit })
    }),
  )
})

test('names that were packed are the same', () => {
  fc.assert(
    fc.property(someNames, (names) => {
      expect(unpackNames(packNames(names))).toEqual(names)
      expect(countNames(packNames(names))).toBe(names.length)
    }),
  )
})
