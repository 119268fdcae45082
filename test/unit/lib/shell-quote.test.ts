import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable } from '../../../src/lib/printable.ts'
import { shellQuote } from '../../../src/lib/shell-quote.ts'

const bytes = fc.uint8Array({ min: 1, minLength: 1, maxLength: 40 })
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((word) => !word.includes('\0'))

// Trouble (doctor): somebody puts odd names, links and pipes into `users/`
test('a shell reads every quoted word back unchanged, from one line without control characters', () => {
  const words = [...fc.sample(bytes, 300), ...fc.sample(text, 300), "it's", '-n', '$HOME `id` "x"', '\n', '\x1b[2J']
  const line = words.map((word) => shellQuote(word)).join(' ')
  expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f]/)
  const read = execFileSync('bash', ['--norc', '-c', `printf '%s\\0' ${line}`], {
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
  })
  expect(read.equals(Buffer.concat(words.map((word) => Buffer.concat([Buffer.from(word), Buffer.of(0)]))))).toBe(true)
})

test('plain words stay plain', () => {
  expect(shellQuote('/srv/lab/users/demo@ailab.com')).toBe('/srv/lab/users/demo@ailab.com')
  expect(shellQuote("/srv/the lab's")).toBe("'/srv/the lab'\\''s'")
})

test.each([
  ['a\x1b[31mb', 'a\\x1b[31mb'],
  ['line\nfeed', 'line\\x0afeed'],
  ['\u202Egpj.exe', '\\u{202e}gpj.exe'],
  ['Größe 日本', 'Größe 日本'],
])('%j is shown as %s', (raw, shown) => {
  expect(printable(raw)).toBe(shown)
})

test('bytes that are no text are shown as numbers', () => {
  expect(printable(Uint8Array.of(0x61, 0xff, 0x0a))).toBe('a\\xff\\x0a')
})
