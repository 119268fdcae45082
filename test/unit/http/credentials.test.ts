import { expect, test } from 'vitest'
import { credentialsOf } from '../../../src/http/authenticate.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test('a bearer token, the scheme in any case', () => {
  expect(credentialsOf('Bearer ailab_x')).toEqual({ secret: 'ailab_x', user: null })
  expect(credentialsOf('bearer ailab_x')).toEqual({ secret: 'ailab_x', user: null })
})

test('user and token as curl -u sends them; only the first colon divides', () => {
  expect(credentialsOf(basic('demo@ailab.com:a:b'))).toEqual({ user: 'demo@ailab.com', secret: 'a:b' })
})

test.each([undefined, '', 'Bearer', 'Bearer ', 'Digest abc', basic('no colon'), 'Bearer two words'])(
  '%j is none',
  (header) => {
    expect(credentialsOf(header)).toBeNull()
  },
)
