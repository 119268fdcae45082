import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Problem } from '../../../src/domain/problem.ts'
import { strictValidator } from '../../../src/http/strict-requests.ts'

const schema = z.strictObject({ name: z.string().optional(), numbers: z.array(z.number()).optional() })

function refusalOf(data: unknown): Problem {
  const validate = strictValidator({ schema, method: 'POST', url: '/', httpPart: 'body' })
  return (validate(data) as { error: Problem }).error
}

// Trouble (cost): a body with a megabyte of wrong names stops the service for seconds, and gets a far longer answer
test.each([
  ['one name', { ['nam'.repeat(2 ** 18)]: 1 }, 1],
  ['many names', Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`name${at}`, 1])), 50_000],
  ['many values', { numbers: Array.from({ length: 50_000 }, () => 'x') }, 50_000],
] as const)('the refusal of a large body with %s wrong is short', (_, data, wrong) => {
  const { detail, errors } = refusalOf(data)
  expect(errors).toHaveLength(Math.min(wrong, 10))
  expect(JSON.stringify(errors).length + detail.length).toBeLessThan(4_000)
  if (wrong > 10) expect(detail).toMatch(/; and more$/)
})

test('the refusal names a wrong name, and the nearest right one', () => {
  expect(refusalOf({ nmae: 1 }).errors).toEqual([
    { pointer: '/nmae', detail: 'there is no such field; did you mean name?' },
  ])
})

// Trouble (input): a client looks up the wrong field by its JSON pointer
test.each([
  ['the whole body', [], ''],
  ['a body that is missing', undefined, ''],
  ['an item', { numbers: [1, 'x'] }, '/numbers/1'],
  ['a name with a slash and a tilde', { 'a/b~c': 1 }, '/a~1b~0c'],
  ['an empty name', { '': 1 }, '/'],
] as const)('the pointer to %s is one of RFC 6901', (_, data, pointer) => {
  const { errors, detail } = refusalOf(data)
  expect(errors.map((each) => each.pointer)).toEqual([pointer])
  expect(detail).toMatch(/^The body is not valid\. [^:]/)
})
