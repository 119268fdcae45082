import { expect, test } from 'vitest'
import { createSecretCookie } from '../../../src/wire/secret-cookie.ts'

const http = createSecretCookie({ isSecure: false, purpose: 'session', lifeMs: 30 * 86_400_000 })
const https = createSecretCookie({ isSecure: true, purpose: 'session', lifeMs: 30 * 86_400_000 })

test('the cookie is for this host alone, and no script reads it', () => {
  expect(http.set('s')).toBe('ai-lab-session=s; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax')
  expect(https.set('s')).toBe('__Host-ai-lab-session=s; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax; Secure')
  expect(https.clear()).toBe('__Host-ai-lab-session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure')
})

test('a cookie for some paths has the strongest name that such a cookie may have', () => {
  const given = { isForPaths: true, purpose: 'visit', lifeMs: 60_000 }
  const rest = 'Max-Age=60; Path=/env/x/; HttpOnly; SameSite=Lax'
  expect(createSecretCookie({ ...given, isSecure: false }).set('s', '/env/x/')).toBe(`ai-lab-visit=s; ${rest}`)
  const secure = createSecretCookie({ ...given, isSecure: true })
  expect(secure.set('s', '/env/x/')).toBe(`__Secure-ai-lab-visit=s; ${rest}; Secure`)
  expect([secure.read('__Secure-ai-lab-visit=s'), secure.read('__Host-ai-lab-visit=s')]).toEqual(['s', null])
})

// Trouble (authority): another program on the host of the platform gets the session of its visitor
test('a cookie for one path is sent to no other', () => {
  const given = { path: '/lab/', purpose: 'session', lifeMs: 60_000 }
  const http = createSecretCookie({ ...given, isSecure: false })
  expect(http.set('s')).toBe('ai-lab-session=s; Max-Age=60; Path=/lab/; HttpOnly; SameSite=Lax')
  const https = createSecretCookie({ ...given, isSecure: true })
  expect(https.set('s')).toBe('__Secure-ai-lab-session=s; Max-Age=60; Path=/lab/; HttpOnly; SameSite=Lax; Secure')
  expect(https.clear()).toBe('__Secure-ai-lab-session=; Max-Age=0; Path=/lab/; HttpOnly; SameSite=Lax; Secure')
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
