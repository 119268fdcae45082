import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ownPath } from '../../../../src/domain/people/own-path.ts'

// Trouble (authority): a link to the sign-in page leads to a copy of it elsewhere, which asks for the password again
test.each([
  [undefined, null],
  ['', null],
  ['/', '/'],
  ['/open/ai-lab-jupyterlab-k3v9q2?path=%2Flab', '/open/ai-lab-jupyterlab-k3v9q2?path=%2Flab'],
  ['/docs/#x', '/docs/'],
  ['docs', null],
  ['//evil.example', null],
  ['///evil.example', null],
  ['/\\evil.example', null],
  ['\\\\evil.example', null],
  ['/\t/evil.example', null],
  ['/\n/evil.example', null],
  ['\t//evil.example', null],
  [' //evil.example', null],
  ['/.//evil.example', null],
  ['/x/..//evil.example', null],
  ['/%2e//evil.example', null],
  ['/%2f%2fevil.example', '/%2f%2fevil.example'],
  ['/%5cevil.example', '/%5cevil.example'],
  ['/..%2fevil', null],
  ['/%2e%2e%2Fevil', null],
  ['/x%2f..%2f..%2fevil', null],
  ['/x/..%5cevil', null],
  ['/x%2f..', null],
  ['/x..%2fy/..z?to=/..%2fy', '/x..%2fy/..z?to=/..%2fy'],
  ['https:evil.example', null],
  ['https://evil.example', null],
  ['javascript:alert(1)', null],
  ['/x\r\nset-cookie: a=b', null],
  ['/\u0085/evil.example', null],
  ['//own.invalid/x', '/x'] /* the path alone is left */,
  ['//[', null],
  [`/${'x'.repeat(3_000)}`, null],
])('%j leads to %j', (text, path) => {
  expect(ownPath(text)).toBe(path)
})

test('whatever the text, a browser stays on the origin', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '//',
    ':',
    '@',
    '%2f',
    '%5c',
    '\t',
    '\n',
    '?',
    '#',
    'evil.example',
    'x',
  )
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((pieces) => pieces.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const path = ownPath(`/${text}`)
      for (const own of ['https://lab.example.org', 'http://localhost:5555']) {
        if (path !== null) expect(new URL(path, `${own}/sign-in`).origin).toBe(own)
      }
    }),
    { numRuns: 2_000 },
  )
})
