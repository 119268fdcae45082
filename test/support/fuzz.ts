/** Requests and frames by chance: against the rules, and within them but unusual. */
import type { Chance } from '../e2e/support/chance.ts'
import { upgradeRequest } from './gateway.ts'

/** Where the requests go, with whose token. */
export type Way = { id: string; token: string }

const hostAndToken = ({ token }: Way) => `Host: x\r\nAuthorization: Bearer ${token}\r\n`
/** A request that nobody authorized, in the body of another one: it must never reach an environment. */
const smuggled = ({ id }: Way) => `GET /env/${id}/SMUGGLED HTTP/1.1\r\nHost: x\r\n\r\n`

/** Malformed requests that the gateway can answer: nothing else is under way on their connection. */
export function answerable({ pick, int }: Chance, way: Way): string {
  const auth = hostAndToken(way)
  const { id, token } = way
  const to = (method: string, rest: string) => `${method} /env/${id}/x HTTP/1.1\r\n${auth}${rest}`
  const inner = smuggled(way)
  return pick([
    () => to('POST', `Content-Length: ${inner.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`),
    () => {
      const coding = pick(['xchunked', ' chunked', 'chunked, identity', 'identity'])
      return to('POST', `Transfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n${inner}`)
    },
    () => {
      const size = pick(['-1', '5;x="', '0x5', ' 5'])
      return to('POST', `Transfer-Encoding: chunked\r\n\r\n${size}\r\n${inner}\r\n0\r\n\r\n`)
    },
    () => {
      const second = pick(['3', '4', '+3', '0x3'])
      return to('POST', `Content-Length: 3\r\nContent-Length: ${second}\r\n\r\nabc${inner}`)
    },
    () => to('GET', `${'X: y\r\n'.repeat(int(3000))}\r\n`),
    () => to('GET', `X-Long: ${'a'.repeat(int(40_000))}\r\n\r\n`),
    () => to(pick(['G\0T', 'TRACE', 'get', 'PROPFIND', '']), '\r\n'),
    () => {
      const target = pick(['*', '//x', 'http://[', `/env/${id}/%`, '/env/\xff/', `http://evil/env/${id}/`])
      return `GET ${target} HTTP/1.1\r\n${auth}\r\n`
    },
    () => `GET /env/${id}/x HTTP/${pick(['1.1x', '9.9', ''])}\r\n${auth}\r\n`,
    () => {
      const host = pick(['', 'a@b', 'x\r\nHost: y', '[::1', `${id}.localhost.evil`])
      return `GET /env/${id}/x HTTP/1.1\r\nHost: ${host}\r\n\r\n`
    },
    () => upgradeRequest(`/env/${id}/refused`, token) + inner,
    () => octets(int, 60).toString('latin1'),
  ])()
}

/** Malformed requests after which the gateway may cut the connection, or wait for more of them. */
export function unanswerable({ pick }: Chance, way: Way): string {
  const { id, token } = way
  const to = (method: string, rest: string) => `${method} /env/${id}/x HTTP/1.1\r\n${hostAndToken(way)}${rest}`
  const inner = smuggled(way)
  return pick([
    () => to('POST', `Content-Length: ${inner.length - 5}\r\n\r\n${inner}`),
    () => to('POST', `Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n${inner}\r\n0\r\n\r\n`),
    () => {
      const named = pick(['Host', 'Authorization, close', 'Content-Length'])
      return to('GET', `Connection: ${named}\r\nContent-Length: 1\r\n\r\n${inner}`)
    },
    () => to('CONNECT', '\r\n'),
    () => `GET /env/${id}/x HTTP/${pick(['1.0', '2.0'])}\r\n${hostAndToken(way)}\r\n`,
    () => upgradeRequest(`/env/${id}/ws`, token, [`Content-Length: ${inner.length}`]) + inner,
    () => to('GET', 'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAM\r\n\r\n'),
  ])()
}

/** Another octet somewhere, or no end. */
export function spoilt(text: string, { int, part }: Chance): string {
  const at = int(text.length)
  return text.slice(0, at) + (part() < 0.6 ? String.fromCharCode(int(256)) + text.slice(at + 1) : '')
}

/** A request to `path` as hardly any client sends it, though HTTP allows it. */
export function unusual({ pick, int }: Chance, { token }: Way, path: string): string {
  const space = () => pick(['', ' ', '\t', '   \t '])
  const [host, authorization] = [pick(['Host', 'host', 'hOsT']), pick(['Authorization', 'AUTHORIZATION'])]
  const headers = `${host}:${space()}x${space()}\r\n${authorization}:${space()}Bearer ${token}${space()}\r\n`
  const to = (method: string, rest: string, target = path) => `${method} ${target} HTTP/1.1\r\n${headers}${rest}`
  const body = pick([
    'Content-Length: 0\r\n\r\n',
    'Content-Length: 005\r\n\r\nhello',
    'Transfer-Encoding: Chunked\r\n\r\n5;a=b;c\r\nhello\r\n00A\r\n0123456789\r\n000\r\nX-Trailer: y\r\n\r\n',
    'Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello',
  ])
  return pick([
    () => `\r\n${to('GET', '\r\n')}`,
    () => to(pick(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'GET', 'PROPFIND', 'MKCOL']), body),
    () => to('GET', `${'X-Many: y\r\n'.repeat(int(200))}X-Empty:\r\nX-Long: ${'a'.repeat(int(8_000))}\r\n\r\n`),
    () => to('GET', 'Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nRange: bytes=0-\r\n\r\n'),
    () => to('GET', '\r\n', `${path}${pick(['?', '?a=%00&b=%F0%9F', ';v=1//../%2e%2E/', "/~!$&'()*+,;=:@"])}`),
  ])()
}

/** What no WebSocket's client may send after the handshake (RFC 6455, 5), or a whole request. */
export function badFrame({ pick, int }: Chance, way: Way): Buffer {
  const masked = (first: number, count: number) =>
    Buffer.concat([Buffer.of(first, 0x80 | count), octets(int, 4 + count)])
  return pick([
    () => octets(int, 1 + int(300)),
    () => masked(0x83 + int(5), 5), // an opcode that means nothing
    () => masked(0xf1, 5), // bits of no extension
    () => masked(0x80, 5), // goes on with a message that never began
    () => masked(0x88, 1), // half a code of closing
    () => masked(0x09, 5), // a ping in pieces
    () => Buffer.concat([Buffer.of(0x81, 5), Buffer.from('hello')]), // unmasked
    () => Buffer.concat([Buffer.of(0x89, 0xfe, 1, 0), octets(int, 260)]), // a ping that is too long
    () => Buffer.concat([Buffer.of(0x82, 0xff), Buffer.alloc(8, 0xff), octets(int, 50)]), // longer than anything
    () => Buffer.from(smuggled(way)),
  ])()
}

function octets(int: Chance['int'], count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => int(256)))
}
