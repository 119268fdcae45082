import type { IncomingMessage } from 'node:http'
import { callerWith } from '../accounts/caller-with.ts'
import type { Tokens } from '../accounts/tokens.ts'
import type { Visits } from '../accounts/visits.ts'
import type { Address, Environment } from '../domain/environment/environment.ts'
import { wayTo } from '../domain/environment/upstream.ts'
import type { EnvironmentsUrl } from '../domain/gateway/environments-url.ts'
import { keepBelow } from '../domain/gateway/keep-below.ts'
import { notRunning } from '../domain/gateway/not-running.ts'
import { openTarget } from '../domain/gateway/open-target.ts'
import { isServedBelow, pathForm, upstreamTarget, withoutToken } from '../domain/gateway/path-form.ts'
import type { Caller } from '../domain/people/account.ts'
import { isOfOwnPages } from '../domain/people/own-pages.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import type { FindRecord } from '../environments/find-record.ts'
import type { Openings } from '../environments/openings.ts'
import { credentialsOf } from '../wire/credentials.ts'
import { provenanceOf } from '../wire/provenance.ts'
import type { SecretCookie } from '../wire/secret-cookie.ts'
import { asksForWebSocket } from './asks-for-web-socket.ts'
import { isVisit } from './is-visit.ts'
import { Redirect } from './redirect.ts'

/** A request that may go on: to that address, with that target and secret. `isShared`: its origin is that of all environments. */
export type Admission = { caller: Caller; address: Address; target: string; secret: string; isShared: boolean }

export type AdmitUses = {
  tokens: Pick<Tokens, 'callerOf'>
  visits: Visits
  findRecord: FindRecord
  openings: Pick<Openings, 'byToken'>
  cookie: SecretCookie
  environments: EnvironmentsUrl
  /** Where people sign in, and come from to an environment. */
  publicUrl: string
}

/** Decides where a request or an upgrade goes. @throws Problem or Redirect when it goes nowhere */
export type Admit = (request: IncomingMessage) => Promise<Admission>

export function createAdmit(uses: AdmitUses): Admit {
  const { tokens, visits, findRecord, openings, cookie, environments, publicUrl } = uses
  const { isShared } = environments

  /** `/env/<id>/…`, for programs that send a token. */
  async function ofProgram(request: IncomingMessage): Promise<Admission> {
    const { url = '', headers } = request
    const form = pathForm(url)
    if (!form) throw new Problem('not-found', 'Environments are below /env/<id>/.')
    requireProgram(request)
    const credentials = credentialsOf(headers.authorization) ?? credentialsIn(form.secret)
    if (!credentials) throw new Problem('unauthenticated', 'Send an API token: "Authorization: Bearer <token>".')
    const caller = await callerWith(tokens, credentials)
    const environment = await findRecord(caller, form.id, 'environment:open')
    await openings.byToken(caller, environment)
    const target = upstreamTarget(form.id, environment.launch, form.target)
    return { caller, address: requireWay(environment), target, secret: environment.token, isShared }
  }

  /** The environment's origin, for browsers that visit it. */
  async function ofBrowser(request: IncomingMessage, id: string): Promise<Admission> {
    requireOwnOrigin(request, environments.originOf(id))
    const asked = withoutToken(request.url ?? '/').target
    if (!asked.startsWith('/')) throw new Problem('malformed-request', 'The target of the request is no path.')
    const opens = isVisit(request)
    const caller = await visitor(request, id)
    // There a person signs in, starts or resumes the environment, and comes back.
    const atPlatform = () => new Redirect(`${publicUrl}/open/${id}?next=${encodeURIComponent(asked)}`)
    if (!caller && opens) throw atPlatform()
    if (!caller) throw new Problem('unauthenticated', `Open the environment at ${publicUrl}/open/${id}.`)
    const environment = await findRecord(caller, id, 'environment:open')
    if (opens && !wayTo(environment)) throw atPlatform()
    const address = requireWay(environment)
    const { launch, token } = environment
    const base = environments.baseOf(id)
    const start = keepBelow(base, openTarget(launch))
    if (opens && asked === base && asked !== start && isServedBelow(id, launch)) throw new Redirect(start)
    return { caller, address, target: upstreamTarget(id, launch, asked), secret: token, isShared }
  }

  /** The person whose visit it is; null if there is none, or it has ended. */
  async function visitor({ headers }: IncomingMessage, id: string): Promise<Caller | null> {
    if (cookie.isDoubled(headers.cookie)) {
      throw new Problem(
        'forbidden',
        'Your browser has two cookies of one name for this address, and the gateway cannot tell which is yours. Delete the cookies of this address, and open the environment again.',
      )
    }
    const secret = cookie.read(headers.cookie)
    return secret === null ? null : await visits.callerOf(secret, id).catch(nullIfEnded)
  }

  /** On one origin for all, programs ask there too. They have no cookie of a visit. */
  function asksAsProgram(request: IncomingMessage): boolean {
    const { cookie: header } = request.headers
    return isShared && !isVisit(request) && !cookie.isDoubled(header) && cookie.read(header) === null
  }

  return async (request) => {
    const id = environments.idIn(request.headers.host, request.url)
    return id === null || asksAsProgram(request) ? ofProgram(request) : ofBrowser(request, id)
  }
}

/** @throws Problem environment-not-running */
function requireWay(environment: Environment): Address {
  const address = wayTo(environment)
  if (address) return address
  throw notRunning(environment)
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
