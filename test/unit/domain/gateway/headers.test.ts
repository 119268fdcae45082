import fc from 'fast-check'
import { expect, test } from 'vitest'
import { towardsClient, towardsEnvironment } from '../../../../src/domain/gateway/headers.ts'

const from = {
  client: '192.0.2.7',
  host: 'lab.example.org',
  protocol: 'https',
  secret: 's3cret',
  secretCookie: null,
} as const
const pairs = (headers: readonly string[]): [string, string][] =>
  Array.from({ length: headers.length / 2 }, (_, at) => [headers[at * 2] ?? '', headers[at * 2 + 1] ?? ''])
const sent = (...headers: string[]) => pairs(towardsEnvironment(headers, from))
const answered = (...headers: string[]) => pairs(towardsClient(headers, from.secret))
const names = (headers: [string, string][]) => headers.map(([name]) => name.toLowerCase())

test('the environment gets its own secret in the place of every credential of the caller', () => {
  const headers = sent('Authorization', 'Bearer ailab_x', 'AUTHORIZATION', 'Basic eDp5')
  expect(headers.filter(([name]) => name.toLowerCase() === 'authorization')).toEqual([
    ['authorization', 'token s3cret'],
  ])
})

test('the cookies of the platform stay at the gateway, and the cookies of the environment go on', () => {
  const cookie = 'ai-lab-session=a; _xsrf=b;__Host-ai-lab-session=c; AI-Lab-visit=d; other=e'
  expect(sent('Cookie', cookie, 'cookie', 'more=f').filter(([name]) => name === 'cookie')).toEqual([
    ['cookie', '_xsrf=b; other=e; more=f'],
  ])
  expect(names(sent('Cookie', 'ai-lab-session=a'))).not.toContain('cookie')
})

test("the environment's secret goes along in a cookie too where its server wants one, before the caller's", () => {
  const given = (...headers: string[]) => towardsEnvironment(headers, { ...from, secretCookie: 'own' }).slice(2, 4)
  expect(given()).toEqual(['cookie', 'own=s3cret'])
  expect(given('Cookie', 'own=forged; own2=a', 'Cookie', 'own=again')).toEqual([
    'cookie',
    'own=s3cret; own=forged; own2=a; own=again',
  ])
})

test('headers of one connection stay behind, with those that Connection lists', () => {
  const headers = sent(
    ...['Connection', 'keep-alive, X-Mine', 'Keep-Alive', 'timeout=5', 'X-Mine', '1', 'TE', 'trailers'],
    ...['Transfer-Encoding', 'chunked', 'Upgrade', 'h2c', 'Proxy-Authorization', 'x', 'Accept', '*/*'],
  )
  const ofGateway = ['host', 'authorization', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded']
  expect(names(headers).filter((name) => !ofGateway.includes(name))).toEqual(['accept'])
})

test('Connection cannot take away a header that gives the message its meaning', () => {
  expect(names(sent('Connection', 'Content-Length, Cookie', 'Content-Length', '3', 'Cookie', 'a=b'))).toEqual(
    expect.arrayContaining(['content-length', 'cookie']),
  )
  expect(names(answered('Connection', 'set-cookie', 'Set-Cookie', 'a=b'))).toEqual(['set-cookie'])
})

test('the environment reads who asked, at which host and how, whatever the caller claims', () => {
  const headers = sent('X-Forwarded-For', '10.0.0.1', 'Forwarded', 'for=evil', 'X-Real-IP', '1.1.1.1', 'Host', 'evil')
  expect(headers).toEqual([
    ['host', 'lab.example.org'],
    ['authorization', 'token s3cret'],
    ['x-forwarded-for', '192.0.2.7'],
    ['x-forwarded-host', 'lab.example.org'],
    ['x-forwarded-proto', 'https'],
    ['forwarded', 'for="192.0.2.7";proto=https'],
  ])
})

test('an IPv6 address stands in brackets in Forwarded', () => {
  const headers = towardsEnvironment([], { ...from, client: '2001:db8::1' })
  expect(headers.at(-1)).toBe('for="[2001:db8::1]";proto=https')
})

test('an environment sets cookies for its own host name only, and none of the platform', () => {
  expect(
    answered(
      ...['Set-Cookie', 'a=b; Path=/; Domain=lab.example.org; Secure'],
      ...['set-cookie', 'c=d;domain=.example.org'],
      ...['Set-Cookie', 'domain=e; Path=/'],
      ...['Set-Cookie', 'ai-lab-session=x; Path=/'],
      ...['Set-Cookie', '=ai-lab-visit=x'],
      ...['Set-Cookie', '__Host-ai-lab-session=x; Path=/; Secure'],
    ),
  ).toEqual([
    ['Set-Cookie', 'a=b; Path=/; Secure'],
    ['set-cookie', 'c=d'],
    ['Set-Cookie', 'domain=e; Path=/'],
  ])
})

test('the secret in a header of an answer is overwritten', () => {
  expect(answered('Location', '/lab?token=s3cret&a=s3cret')).toEqual([['Location', '/lab?token=xxxxxx&a=xxxxxx']])
})

test('an environment cannot clear the cookies of the platform, nor name another server for its host', () => {
  const reaching = ['Clear-Site-Data', '"cookies"', 'Alt-Svc', 'h2=":6666"', 'Strict-Transport-Security', 'max-age=9']
  expect(answered(...reaching, 'Content-Type', 'text/html')).toEqual([['Content-Type', 'text/html']])
})

test('an environment gets no reports of what browsers ask other environments for', () => {
  const reporting = ['NEL', '{"report_to":"all","include_subdomains":true}', 'Report-To', '{"group":"all"}']
  expect(answered(...reporting, 'X-Own', '1')).toEqual([['X-Own', '1']])
})

test('an environment cannot lead a reverse proxy to what that has for itself alone', () => {
  const words = ['X-Accel-Redirect', '/private', 'x-accel-limit-rate', '1', 'X-Sendfile', '/etc/passwd']
  expect(answered(...words, 'X-Accelerated', '1')).toEqual([['X-Accelerated', '1']])
})

test('no set of headers brings a credential of the platform to the environment', () => {
  const cookie = fc.constantFrom(
    'ai-lab-session=LEAK',
    'a=b;ai-lab-session=LEAK',
    ' ;; __Host-ai-lab-session=LEAK;',
    'c=d',
  )
  const header = fc.oneof(
    fc.tuple(fc.constantFrom('cookie', 'Cookie', 'COOKIE'), cookie),
    fc.tuple(fc.constantFrom('authorization', 'Authorization', 'proxy-authorization'), fc.constant('Bearer LEAK')),
    fc.tuple(fc.constant('Connection'), fc.constantFrom('cookie', 'authorization', 'keep-alive, host')),
  )
  fc.assert(
    fc.property(fc.array(header, { maxLength: 8 }), (list) => {
      expect(towardsEnvironment(list.flat(), from).join('\n')).not.toContain('LEAK')
    }),
  )
})
