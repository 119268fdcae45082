import { expect, test } from 'vitest'
import { isOfNoOtherPage, isOfOwnPages } from '../../../../src/domain/people/own-pages.ts'

const own = 'https://lab.example.org'
const request = (given: object) => ({
  method: 'GET',
  site: undefined,
  mode: undefined,
  destination: undefined,
  origin: undefined,
  ...given,
})
const visit = { mode: 'navigate', destination: 'document' }

// Trouble (authority): a page of a notebook calls the service with the cookie of its visitor
test.each([
  ['of the own page', { site: 'same-origin' }, { reads: true, writes: true }],
  [
    'of the own page, whose origin is kept secret',
    { site: 'same-origin', origin: 'null' },
    { reads: true, writes: true },
  ],
  ['of a page of another port', { site: 'same-site' }, { reads: false, writes: false }],
  ['of a page of another site', { site: 'cross-site' }, { reads: false, writes: false }],
  [
    'of a page of another site that claims the origin',
    { site: 'cross-site', origin: own },
    { reads: false, writes: false },
  ],
  ['of an address typed in', { site: 'none' }, { reads: true, writes: false }],
  ['of a link of another port', { site: 'same-site', ...visit }, { reads: true, writes: false }],
  ['of a link of another site', { site: 'cross-site', ...visit }, { reads: true, writes: false }],
  [
    'of a frame of another site',
    { site: 'cross-site', mode: 'navigate', destination: 'iframe' },
    { reads: false, writes: false },
  ],
  [
    'of an image of another site',
    { site: 'cross-site', mode: 'no-cors', destination: 'image' },
    { reads: false, writes: false },
  ],
  [
    'of a script of another site',
    { site: 'cross-site', mode: 'no-cors', destination: 'document' },
    { reads: false, writes: false },
  ],
  ['of a value that no browser sends', { site: 'same-origin, cross-site', ...visit }, { reads: false, writes: false }],
  ['without Sec-Fetch-Site, of the own origin', { origin: own }, { reads: true, writes: true }],
  ['without Sec-Fetch-Site, of another port', { origin: `${own}:5556` }, { reads: false, writes: false }],
  ['without Sec-Fetch-Site, of another scheme', { origin: 'http://lab.example.org' }, { reads: false, writes: false }],
  [
    'without Sec-Fetch-Site, of an origin that begins alike',
    { origin: `${own}.evil` },
    { reads: false, writes: false },
  ],
  ['without Sec-Fetch-Site, of a secret origin', { origin: 'null' }, { reads: false, writes: false }],
  ['that says nothing', {}, { reads: true, writes: false }],
])('a request with a cookie, %s', (_, given, { reads, writes }) => {
  for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(isOfOwnPages(request({ ...given, method }), own)).toBe(reads)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'get']) {
    expect(isOfOwnPages(request({ ...given, method }), own)).toBe(writes)
  }
})

test('a sign-in may come from a program, which says nothing, and of no other page', () => {
  const post = (given: object) => isOfNoOtherPage(request({ method: 'POST', ...given }), own)
  expect([post({}), post({ site: 'same-origin' }), post({ origin: own })]).toEqual([true, true, true])
  expect([post({ site: 'same-site' }), post({ origin: 'null' }), post({ site: 'none' })]).toEqual([false, false, false])
})
