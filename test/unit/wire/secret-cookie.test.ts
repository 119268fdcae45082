import { expect, test } from 'vitest'
import { createSecretCookie } from '../../../src/wire/secret-cookie.ts'

const http = createSecretCookie({ isSecure: false, purpose: 'session', lifeMs: 30 * 86_400_000 })
const https = createSecretCookie({ isSecure: true, purpose: 'session', lifeMs: 30 * 86_400_000 })

test('the cookie is for this host alone, and no script reads it', () => {
  expect(http.set('s')).toBe('ai-lab-session=s; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax')
  expect(https.set('s')).toBe('__Host-ai-lab-session=s; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax; Secure')
  expect(https.clear()).toBe('__Host-ai-lab-session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure')
})

// Trouble (authority): a page of another port sets the cookie of a session of its own
test.each([
  [undefined, null, null],
  ['', null, null],
  ['ai-lab-session=s', 's', null],
  ['a=b; ai-lab-session=s; c=d', 's', null],
  ['__Host-ai-lab-session=s', null, 's'],
  ['__Host-ai-lab-session=t; ai-lab-session=s', 's', 't'],
  ['ai-lab-session=s; ai-lab-session=t', null, null],
  ['ai-lab-session=s; ai-lab-session=s', null, null],
  ['ai-lab-session=', null, null],
  ['xai-lab-session=s', null, null],
  ['a="; ai-lab-session=s', 's', null],
])('of the cookies %j, http reads %j and https %j', (header, ofHttp, ofHttps) => {
  expect([http.read(header), https.read(header)]).toEqual([ofHttp, ofHttps])
})
