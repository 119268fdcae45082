import { expect, test } from 'vitest'
import { credentialsOf } from '../../../src/wire/credentials.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test('a bearer token is read, with the scheme in upper or lower case', () => {
  expect(credentialsOf('Bearer ailab_x')).toEqual({ secret: 'ailab_x', user: null })
  expect(credentialsOf('bearer ailab_x')).toEqual({ secret: 'ailab_x', user: null })
})

test('user and token are read as curl -u sends them, divided at the first colon', () => {
  expect(credentialsOf(basic('demo@ailab.com:a:b'))).toEqual({ user: 'demo@ailab.com', secret: 'a:b' })
})

test.each([undefined, '', 'Bearer', 'Bearer ', 'Digest abc', basic('no colon'), 'Bearer two words'])(
  '%j gives no credentials',
  (header) => {
    expect(credentialsOf(header)).toBeNull()
  },
)
