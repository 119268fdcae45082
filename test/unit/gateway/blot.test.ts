import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBlot } from '../../../src/gateway/blot.ts'

function blotted(secret: string, pieces: readonly string[]): string {
  const blot = createBlot(secret)
  const passed = pieces.map((piece) => blot.pass(Buffer.from(piece)))
  return Buffer.concat([...passed, blot.rest()]).toString()
}

test('the secret is overwritten, and everything else stays, with its length', () => {
  expect(blotted('s3cret', ['<a token="s3cret" b="s3cre">s3crets3cret'])).toBe(
    '<a token="xxxxxx" b="s3cre">xxxxxxxxxxxx',
  )
})

// Trouble (worst): a record without a secret makes the gateway search for ever, and nobody reaches an environment any more
test('where there is no secret, the text passes as it is', () => {
  expect(blotted('', ['<a token="', '">'])).toBe('<a token="">')
})

test('the secret is found wherever the text is cut into pieces', () => {
  const text = 'one s3cret, s3s3cret and s3cre'
  const cuts = fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 6 })
  fc.assert(
    fc.property(cuts, (at) => {
      const sorted = [0, ...at.toSorted((a, b) => a - b), text.length]
      const pieces = sorted.slice(1).map((end, index) => text.slice(sorted[index], end))
      expect(blotted('s3cret', pieces)).toBe('one xxxxxx, s3xxxxxx and s3cre')
    }),
  )
})

test('a text without the secret passes at once, but for an end that may begin it', () => {
  const blot = createBlot('s3cret')
  expect(blot.pass(Buffer.from('<html> s3')).toString()).toBe('<html> ')
  expect(blot.pass(Buffer.from('x')).toString()).toBe('s3x')
  expect(blot.rest().length).toBe(0)
})
