import fc from 'fast-check'
import { expect, test } from 'vitest'
import { harmlessOutput } from '../../../src/lib/printable.ts'

test('output keeps its colours and tabs, and any script', () => {
  const text = '\x1b[1;31mE\x1b[0m\t日本語 می‌خواهم 👩‍💻'
  expect(harmlessOutput(text)).toBe(text)
})

test('sequences that set the title, the clipboard or the cursor are shown as text', () => {
  expect(harmlessOutput('\x1b]52;c;cm0K\x07\x1b[2J\x9b1A')).toBe('\\x1b]52;c;cm0K\\x07\\x1b[2J\\x9b1A')
})

test('each version of an overwritten line is shown', () => {
  expect(harmlessOutput('10%\r20%')).toBe('10%\n20%')
})

// Trouble (worst): a log steers the terminal of its reader
test('no control character is left except those for colours', () => {
  const pieces = fc.array(fc.oneof(fc.constantFrom('\x1b', '[', '0', ';', 'm', '\x9b'), fc.string({ unit: 'binary' })))
  fc.assert(
    fc.property(pieces, (parts) => {
      const rest = harmlessOutput(parts.join('')).replace(/\u{1b}\[[\d;]*m|[\t\n]/gu, '')
      expect(rest).not.toMatch(/\p{Cc}/u)
    }),
  )
})
