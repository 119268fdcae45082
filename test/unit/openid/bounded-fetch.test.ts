import { expect, test } from 'vitest'
import { boundedFetch } from '../../../src/openid/bounded-fetch.ts'

const options = { body: undefined, headers: {}, method: 'GET', redirect: 'manual' } as const

// Trouble (authority): a provider's own document leads the service to plain http
test('nothing is asked over plain http, except of this machine', async () => {
  await expect(boundedFetch('http://login.example.org/token', options)).rejects.toThrow('is not https')
  await expect(boundedFetch('http://127.0.0.1.example.org/token', options)).rejects.toThrow('is not https')
  await expect(boundedFetch('http://127.0.0.1:1/token', options)).rejects.toThrow('fetch failed')
})
