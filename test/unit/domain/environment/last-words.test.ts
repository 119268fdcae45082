import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lastWords } from '../../../../src/domain/environment/last-words.ts'

test('a few short lines stay as they are', () => {
  expect(lastWords(['Traceback:', '\tno module named lab', ''])).toBe('Traceback:\n  no module named lab\n')
})

test('a long line is cut to its end', () => {
  const words = lastWords([`${'x'.repeat(2 ** 20)}the reason`])
  expect(words).toMatch(/^…x+the reason$/)
  expect(words.length).toBeLessThanOrEqual(501)
})

test('many long lines are cut to the last ones', () => {
  const words = lastWords(Array.from({ length: 10 }, (_, at) => `${'x'.repeat(1_000)} ${at}`))
  expect(words.split('\n').map((line) => line.at(-1))).toEqual(['6', '7', '8', '9'])
})

test('control characters are shown as text', () => {
  expect(lastWords(['\x1b]0;mine\x07\x1b[2J', 'a\rb\u202ec'])).toBe('\\x1b]0;mine\\x07\\x1b[2J\na\\x0db\\u{202e}c')
})

// Trouble (worst): endless last words steer a terminal
test('the last words of any output are short and steer no terminal', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 2_000 }), { maxLength: 10 }), (lines) => {
      const words = lastWords(lines)
      expect(words.length).toBeLessThanOrEqual(2_010)
      expect(words.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
    }),
  )
})
