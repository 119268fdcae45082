import type { IncomingMessage } from 'node:http'
import { callerWith } from '../accounts/caller-with.ts'
import type { Tokens } from '../accounts/tokens.ts'
import type { Visits } from '../accounts/visits.ts'
import type { Address, Environment } from '../domain/environment/environment.ts'
import { wayTo } from '../domain/environment/upstream.ts'
import type { EnvironmentsUrl } from '../domain/gateway/environments-url.ts'
import type { Secret } from '../domain/gateway/headers.ts'
import { keepBelow } from '../domain/gateway/keep-below.ts'
import { notRunning } from '../domain/gateway/not-running.ts'
import { openTarget } from '../domain/gateway/open-target.ts'
import { isServedBelow, pathForm, upstreamTarget, withoutToken } from '../domain/gateway/path-form.ts'
import { signInCookie } from '../domain/gateway/sign-in-cookie.ts'
import type { Caller } from '../domain/people/account.ts'
import { isOfOwnPages } from '../domain/people/own-pages.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import type { FindRecord } from '../environments/find-record.ts'
import type { Openings } from '../environments/openings.ts'
import { createKeptReads } from '../lib/kept-reads.ts'
import type { Clock } from '../ports/clock.ts'
import { credentialsOf } from '../wire/credentials.ts'
import { provenanceOf } from '../wire/provenance.ts'
import type { SecretCookie } from '../wire/secret-cookie.ts'
import { asksForWebSocket } from './asks-for-web-socket.ts'
import { isVisit } from './is-visit.ts'
import { Redirect } from './redirect.ts'

/** A request that may go on: to that address, with that target and secret. `isShared`: its origin is that of all environments. */
export type Admission = Secret & {
  caller: Caller
  environment: Environment
  address: Address
  target: string
  isShared: boolean
}

export type AdmitUses = {
  tokens: Pick<Tokens, 'callerOf'>
  visits: Visits
  findRecord: FindRecord
  openings: Pick<Openings, 'byToken'>
  cookie: SecretCookie
  environments: EnvironmentsUrl
  /** Where people sign in, and come from to an environment. */
  publicUrl: string
  /** Gives another text than before if any record may have changed since. */
  changes: () => string
  clock: Pick<Clock, 'steady'>
}

/** A caller who may open an environment. */
type Entitled = { caller: Caller; environment: Readonly<Environment> }

// For so long nobody asks again whose a token or a visit is, unless a record changes.
const keptForMs = 400
const keptAtMost = 1_000

/** Decides where a request or an upgrade goes. @throws Problem or Redirect when it goes nowhere */
export type Admit = (request: IncomingMessage) => Promise<Admission>

export function createAdmit(uses: AdmitUses): Admit {
  const { tokens, visits, findRecord, openings, cookie, environments, publicUrl, changes, clock } = uses
  const { isShared } = environments
  const entitled = createKeptReads<Entitled>(changes, keptAtMost)
  const keptBy = (kind: 'token' | 'visit', id: string, credentials: string) =>
    `${Math.floor(clock.steady() / keptForMs)} ${kind} ${id} ${credentials}`

  async function byToken(id: string, credentials: NonNullable<ReturnType<typeof credentialsOf>>): Promise<Entitled> {
    const caller = await callerWith(tokens, credentials)
    const environment = await findRecord(caller, id, 'environment:open')
    await openings.byToken(caller, environment)
    return { caller, environment }
  }

  /** `/env/<id>/…`, for programs that send a token. */
  async function ofProgram(request: IncomingMessage): Promise<Admission> {
    const { url = '', headers } = request
    requireOneHost(headers.host)
    const form = pathForm(url)
    if (!form) throw new Problem('not-found', 'Environments are below /env/<id>/.')
    requireProgram(request)
    const credentials = credentialsOf(headers.authorization) ?? credentialsIn(form.secret)
    if (!credentials) throw new Problem('unauthenticated', 'Send an API token: "Authorization: Bearer <token>".')
    const { user, secret } = credentials
    const key = keptBy('token', form.id, `${secret} ${user ?? ''}`)
    const { caller, environment } = await entitled(key, () => byToken(form.id, credentials))
    const target = upstreamTarget(form.id, environment.launch, form.target)
    return { caller, environment, address: requireWay(environment), target, ...ownSecretOf(environment), isShared }
  }

  /** The environment's origin, for browsers that visit it. */
  async function ofBrowser(request: IncomingMessage, id: string): Promise<Admission> {
    requireOwnOrigin(request, environments.originOf(id))
    const asked = withoutToken(request.url ?? '/').target
    if (!asked.startsWith('/')) throw new Problem('malformed-request', 'The target of the request is no path.')
    const opens = isVisit(request)
    // There a person signs in, starts or resumes the environment, and comes back.
    const atPlatform = () => new Redirect(`${publicUrl}/open/${id}?next=${encodeURIComponent(asked)}`)
    const secret = secretOf(request)
    const visitor =
      secret === null ? null : await entitled(keptBy('visit', id, secret), () => byVisit(id, secret)).catch(nullIfEnded)
    if (!visitor && opens) throw atPlatform()
    if (!visitor) throw new Problem('unauthenticated', `Open the environment at ${publicUrl}/open/${id}.`)
    const { caller, environment } = visitor
    if (opens && !wayTo(environment)) throw atPlatform()
    const address = requireWay(environment)
    const { launch } = environment
    const base = environments.baseOf(id)
    const start = keepBelow(base, openTarget(launch))
    if (opens && asked === base && asked !== start && isServedBelow(id, launch)) throw new Redirect(start)
    const target = upstreamTarget(id, launch, asked)
    return { caller, environment, address, target, ...ownSecretOf(environment), isShared }
  }

  async function byVisit(id: string, secret: string): Promise<Entitled> {
    const caller = await visits.callerOf(secret, id)
    return { caller, environment: await findRecord(caller, id, 'environment:open') }
  }

  /** The secret of the visit; null if there is none. */
  function secretOf({ headers }: IncomingMessage): string | null {
    if (cookie.isDoubled(headers.cookie)) {
      throw new Problem(
        'forbidden',
        'Your browser has two cookies of one name for this address, and the gateway cannot tell which is yours. Delete the cookies of this address, and open the environment again.',
      )
    }
    return cookie.read(headers.cookie)
  }

  /**
   * A program may ask where browsers do. It has no cookie of a visit. On an environment's own origin it uses the path form of that very
   * environment, and sends a token.
   */
  function asksAsProgram(request: IncomingMessage, id: string): boolean {
    const { cookie: header, authorization } = request.headers
    if (isVisit(request) || cookie.isDoubled(header) || cookie.read(header) !== null) return false
    if (isShared) return true
    const form = pathForm(request.url ?? '')
    return form?.id === id && (form.secret !== null || credentialsOf(authorization) !== null)
  }

  return async (request) => {
    const id = environments.idIn(request.headers.host, request.url)
    return id === null || asksAsProgram(request, id) ? ofProgram(request) : ofBrowser(request, id)
  }
}

// A name or an IPv4 address, or an IPv6 address, and perhaps a port (RFC 3986, 3.2.2).
const hostForm = /^([\w.~-]+|\[[\da-f:.]+\])?(:\d*)?$/i

/** A server must refuse a request with several `Host`, or with one that is no host (RFC 9112, 3.2). */
function requireOneHost(host = ''): void {
  if (!hostForm.test(host)) throw new Problem('malformed-request', 'The header Host names no host, or several.')
}

/** @throws Problem environment-not-running */
function requireWay(environment: Environment): Address {
  const address = wayTo(environment)
  if (address) return address
  throw notRunning(environment)
}

function ownSecretOf({ token, launch }: Environment): Secret {
  return { secret: token, secretCookie: signInCookie(launch) }
}

/**
 * The path form shares its origin with all other environments, so no browser may show a page of it: the page's script
 * could act on the others.
 */
function requireProgram(request: IncomingMessage): void {
  if (!isVisit(request) && request.headers['sec-fetch-mode'] !== 'navigate') return
  throw new Problem('forbidden', 'This address is for programs that send a token. A browser cannot open it.')
}

/** The cookie of a visit comes along from pages of other origins too; from there it counts only for a visit by a person. */
function requireOwnOrigin(request: IncomingMessage, own: string | null): void {
  const isOwn =
    own !== null &&
    (asksForWebSocket(request) ? request.headers.origin === own : isOfOwnPages(provenanceOf(request), own))
  if (!isOwn) throw new Problem('of-another-origin', 'Only the own pages of an environment may ask it for anything.')
}

function credentialsIn(secret: string | null) {
  return secret === null ? null : { secret, user: null }
}

function nullIfEnded(error: unknown): null {
  if (isProblem(error, 'unauthenticated')) return null
  throw error
}
