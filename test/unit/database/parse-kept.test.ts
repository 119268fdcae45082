import { expect, test } from 'vitest'
import { createParseKept } from '../../../src/database/parse-kept.ts'

test('a text is parsed once, another text anew, and nobody can change what is shared', () => {
  const parse = createParseKept<{ cpus: number }>(2)
  const one = parse('{"cpus":1}')
  expect(parse('{"cpus":1}')).toBe(one)
  expect(parse('{"cpus":2}')).toEqual({ cpus: 2 })
  expect(() => Object.assign(one, { cpus: 9 })).toThrow(TypeError)
})

test('no more is kept than may be', () => {
  const parse = createParseKept<{ cpus: number }>(2)
  const one = parse('{"cpus":1}')
  for (const cpus of [2, 3]) parse(JSON.stringify({ cpus }))
  expect(parse('{"cpus":1}')).not.toBe(one)
  expect(parse('{"cpus":1}')).toEqual(one)
})
