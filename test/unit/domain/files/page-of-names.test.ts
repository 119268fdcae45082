import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pageOfNames } from '../../../../src/domain/files/page-of-names.ts'

const someNames = fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 40 })

test('the pages one after the other give every name once, in order, whatever the order in which they come', () => {
  fc.assert(
    fc.property(someNames, fc.integer({ min: 1, max: 10 }), fc.boolean(), (names, limit, isReverse) => {
      const given: string[] = []
      let after: string | null = null
      for (let more = true; more; after = given.at(-1) ?? null) {
        const page: ReturnType<typeof pageOfNames> = pageOfNames(names, { after, limit, isReverse })
        expect(page.names.length).toBe(Math.min(limit, names.length - given.length))
        given.push(...page.names)
        more = page.more
      }
      const sorted = [...names].sort((a, b) => (a < b ? -1 : 1))
      expect(given).toEqual(isReverse ? sorted.reverse() : sorted)
    }),
  )
})
