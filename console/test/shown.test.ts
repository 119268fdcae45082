import { expect, test, vi } from 'vitest'

vi.stubGlobal('document', { baseURI: 'http://localhost/console/' })
const { Refusal, Unreachable } = await import('../src/api/call.ts')
const { shownOf } = await import('../src/parts/shown.ts')

const data = ['a']

test('what the service refuses to show again stays only with a word about it, and what is gone goes', () => {
  expect(shownOf({ data, error: null })).toEqual({ isData: true, isProblem: false })
  expect(shownOf({ data, error: new Refusal(403, {}) })).toEqual({ isData: true, isProblem: true })
  expect(shownOf({ data, error: new Refusal(404, {}) })).toEqual({ isData: false, isProblem: true })
})

test('while the service is away a page keeps what it had', () => {
  expect(shownOf({ data, error: new Unreachable('away') })).toEqual({ isData: true, isProblem: false })
  expect(shownOf({ data: undefined, error: new Unreachable('away') })).toEqual({ isData: false, isProblem: true })
  expect(shownOf({ data: undefined, error: null })).toEqual({ isData: false, isProblem: false })
})
