import { expect, test } from 'vitest'
import { traceIdOf } from '../../../src/wire/request-id.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'

test.each([
  [`00-${trace}-00f067aa0ba902b7-01`, trace],
  [`cc-${trace}-00f067aa0ba902b7-01-later`, trace],
  [`00-${trace}-00f067aa0ba902b7-01-later`, null],
  [`ff-${trace}-00f067aa0ba902b7-01`, null],
  [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, null],
  [`00-${trace}-${'0'.repeat(16)}-01`, null],
  [`00-${trace.toUpperCase()}-00f067aa0ba902b7-01`, null],
  ['rubbish', null],
  [undefined, null],
])('the traceparent %s has the trace id %s', (traceparent, id) => {
  expect(traceIdOf({ traceparent })).toBe(id)
})
