import { expect, test } from 'vitest'
import { createParseKept } from '../../../src/database/parse-kept.ts'

test('the same text is parsed once, and nobody can change the shared result', () => {
  const parse = createParseKept<{ cpus: number }>(2)
  const one = parse('{"cpus":1}')
  expect(parse('{"cpus":1}')).toBe(one)
  expect(parse('{"cpus":2}')).toEqual({ cpus: 2 })
  expect(() => Object.assign(one, { cpus: 9 })).toThrow(TypeError)
})

test('the oldest result is dropped when there are too many', () => {
  const parse = createParseKept<{ cpus: number }>(2)
  const one = parse('{"cpus":1}')
  for (const cpus of [2, 3]) parse(JSON.stringify({ cpus }))
  expect(parse('{"cpus":1}')).not.toBe(one)
  expect(parse('{"cpus":1}')).toEqual(one)
})
