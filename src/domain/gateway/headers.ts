/**
 * The headers that go through the gateway, as flat lists of names and values. Pure.
 *
 * INVARIANTS
 * - The platform's credentials never reach an environment; the environment's own secret never reaches a client.
 * - A container sets no cookie beyond its own host name, and none under a name of the platform's.
 * - Headers that concern one connection only do not go on (RFC 9110, 7.6.1).
 */

/** Name, value, name, value, …, as Node gives and takes them. */
export type Headers = readonly string[]

/** The gateway's own knowledge of a request, for the environment's server. */
export type From = OfCaller & Secret
export type OfCaller = { client: string; host: string; protocol: 'http' | 'https' }
/** `secretCookie` is the name of a cookie that holds the secret too; null if none does. */
export type Secret = { secret: string; secretCookie: string | null }

const ofOneConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
// The gateway writes these itself. `expect` was answered by the gateway's own server.
const rewritten = new Set(['authorization', 'expect', 'host', 'forwarded', 'x-real-ip', 'http2-settings'])

// From an environment's host name these would reach further than the environment itself: to the cookies of the platform,
// to other host names, to a server that is not the gateway, or to what a reverse proxy has for itself alone. nginx obeys
// X-Accel-Redirect in every answer, whoever sent it.
const reachingFurther = new Set([
  'alt-svc',
  'clear-site-data',
  'nel', // reports of requests to a host and all below it (https://www.w3.org/TR/network-error-logging/)
  'report-to',
  'strict-transport-security',
  'x-accel-buffering',
  'x-accel-charset',
  'x-accel-expires',
  'x-accel-limit-rate',
  'x-accel-redirect',
  'x-sendfile',
])

/** The headers of a request, on their way to the environment's server. */
export function towardsEnvironment(headers: Headers, { client, host, protocol, secret, secretCookie }: From): string[] {
  const listed = listedIn(headers)
  const out = ['host', host]
  const cookies: string[] = []
  const encodings: string[] = []
  let accept: string | null = null
  let destination: string | null = null
  for (let at = 0; at < headers.length; at += 2) {
    const [written = '', value = ''] = [headers[at], headers[at + 1]]
    const name = written.toLowerCase()
    if (!goesOn(name, listed) || rewritten.has(name) || name.startsWith('x-forwarded-')) continue
    if (name === 'cookie') cookies.push(...ownCookies(value))
    else if (name === 'accept-encoding') encodings.push(written, value)
    else {
      if (name === 'accept') accept = value
      if (name === 'sec-fetch-dest') destination = value
      out.push(written, value)
    }
  }
  // Of two cookies of one name a server takes the first, so this one stands before the caller's.
  if (secretCookie !== null) cookies.unshift(`${secretCookie}=${secret}`)
  if (cookies.length > 0) out.push('cookie', cookies.join('; '))
  if (!mayGetPage(accept, destination)) out.push(...encodings)
  out.push('authorization', `token ${secret}`)
  out.push('x-forwarded-for', client, 'x-forwarded-host', host, 'x-forwarded-proto', protocol)
  // Without `host`, which needs quotes for its port: code-server takes them for a part of the name, and refuses WebSockets.
  out.push('forwarded', `for=${quoted(client)};proto=${protocol}`)
  return out
}

/** The gateway reads pages, to overwrite the secret in them, so it asks for those without compression. */
function mayGetPage(accept: string | null, destination: string | null): boolean {
  if (accept?.includes('text/html')) return true
  return destination === null && (accept === null || accept.includes('*/*'))
}

/**
 * The headers of an answer, on their way to the client. The secret is overwritten where a program wrote it in one.
 *
 * `isShared`: all environments have one origin. There the script of a service worker may not widen its own scope: it would
 * get the requests of every environment.
 */
export function towardsClient(headers: Headers, secret: string, isShared = false): string[] {
  const listed = listedIn(headers)
  const out: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    const [written = '', told = ''] = [headers[at], headers[at + 1]]
    const name = written.toLowerCase()
    if (!goesOn(name, listed) || reachingFurther.has(name)) continue
    if (isShared && name === 'service-worker-allowed') continue
    const value = secret !== '' && told.includes(secret) ? told.replaceAll(secret, 'x'.repeat(secret.length)) : told
    if (name !== 'set-cookie') out.push(written, value)
    else if (!isPlatformCookie(value)) out.push(written, withoutDomain(value))
  }
  return out
}

/** A reason phrase in which a program wrote what Node's own server would not send is left out. */
export function phraseOf(words = ''): string {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(words) ? words : ''
}

function goesOn(name: string, listed: ReadonlySet<string> | null): boolean {
  return !ofOneConnection.has(name) && !listed?.has(name)
}

// Without these, an answer or a request would have another meaning, whatever `Connection` says.
const neverListed = new Set(['content-length', 'content-type', 'content-encoding', 'host', 'cookie', 'set-cookie'])

/** The names that `Connection` lists; null if it lists none beside its usual ones. */
function listedIn(headers: Headers): ReadonlySet<string> | null {
  let listed: Set<string> | null = null
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]?.length !== 10 || headers[at]?.toLowerCase() !== 'connection') continue
    for (const word of (headers[at + 1] ?? '').toLowerCase().split(',')) {
      const name = word.trim()
      if (name === '' || name === 'keep-alive' || name === 'close' || neverListed.has(name)) continue
      listed ??= new Set()
      listed.add(name)
    }
  }
  return listed
}

// A cookie without a name, `=ai-lab-session=x`, comes back from a browser as one with a name.
const ofPlatform = /^\s*=?\s*(__(host|secure)-)?ai-lab-/i

/** Whether a cookie, or the text that sets one, has a name of the platform's. */
export function isPlatformCookie(text: string): boolean {
  return ofPlatform.test(text)
}

function ownCookies(header: string): string[] {
  const cookies = header.split(';').map((cookie) => cookie.trim())
  return cookies.filter((cookie) => cookie !== '' && !isPlatformCookie(cookie))
}

/** A cookie without `Domain` goes to the host name that set it, and to no other (RFC 6265, 5.3). */
function withoutDomain(setCookie: string): string {
  if (!/domain/i.test(setCookie)) return setCookie
  const [pair = '', ...attributes] = setCookie.split(';')
  return [pair, ...attributes.filter((each) => !/^\s*domain\s*(=|$)/i.test(each))].join(';')
}

/** A value of `Forwarded` (RFC 7239, 4). An IPv6 address stands in brackets. */
function quoted(value: string): string {
  const address = value.includes(':') && /^[0-9a-f:.]+$/i.test(value) && !/^[\d.]+:\d+$/.test(value)
  return `"${(address ? `[${value}]` : value).replace(/["\\]/g, '')}"`
}
