import type { IncomingMessage } from 'node:http'
import { callerWith } from '../accounts/caller-with.ts'
import type { Tokens } from '../accounts/tokens.ts'
import type { Visits } from '../accounts/visits.ts'
import type { Address } from '../domain/environment/environment.ts'
import type { EnvironmentsUrl } from '../domain/gateway/environments-url.ts'
import { notRunning } from '../domain/gateway/not-running.ts'
import { openTarget } from '../domain/gateway/open-target.ts'
import { isServedBelow, pathForm, upstreamTarget, withoutToken } from '../domain/gateway/path-form.ts'
import type { Caller } from '../domain/people/account.ts'
import { isOfOwnPages } from '../domain/people/own-pages.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import type { Find, Found } from '../environments/find.ts'
import { credentialsOf } from '../wire/credentials.ts'
import { provenanceOf } from '../wire/provenance.ts'
import type { SecretCookie } from '../wire/secret-cookie.ts'
import { asksForWebSocket } from './asks-for-web-socket.ts'
import { isVisit } from './is-visit.ts'
import { Redirect } from './redirect.ts'
import type { WakeUp } from './wake-up.ts'

/** A request that may go on: to that address, with that target and secret. */
export type Admission = { caller: Caller; address: Address; target: string; secret: string }

export type AdmitUses = {
  tokens: Pick<Tokens, 'callerOf'>
  visits: Visits
  find: Pick<Find, 'one'>
  wakeUp: WakeUp
  cookie: SecretCookie
  environments: EnvironmentsUrl
  /** Where people sign in, and come from to an environment. */
  publicUrl: string
  /** Called when an administrator's request goes to the environment of another person. */
  onOthers: (caller: Caller, environment: Found['environment']) => void
}

/** Decides where a request or an upgrade goes. @throws Problem or Redirect when it goes nowhere */
export type Admit = (request: IncomingMessage) => Promise<Admission>

export function createAdmit(uses: AdmitUses): Admit {
  const { tokens, visits, find, wakeUp, cookie, environments, publicUrl, onOthers } = uses

  /** `/env/<id>/…` on any other host, for programs that send a token. */
  async function byPath(request: IncomingMessage): Promise<Admission> {
    const { url = '', headers } = request
    const form = pathForm(url)
    if (!form) throw new Problem('not-found', 'Environments are below /env/<id>/.')
    requireProgram(request)
    const credentials = credentialsOf(headers.authorization) ?? credentialsIn(form.secret)
    if (!credentials) throw new Problem('unauthenticated', 'Send an API token: "Authorization: Bearer <token>".')
    const caller = await callerWith(tokens, credentials)
    const found = await find.one(caller, form.id, 'environment:open')
    if (found.environment.userId !== caller.userId) onOthers(caller, found.environment)
    return admissionTo(found, caller, upstreamTarget(form.id, found.environment.launch, form.target))
  }

  /** The environment's own host, for browsers that visit it. */
  async function byHost(request: IncomingMessage, id: string): Promise<Admission> {
    requireOwnOrigin(request, environments.originOf(id))
    const asked = withoutToken(request.url ?? '/').target
    if (!asked.startsWith('/')) throw new Problem('malformed-request', 'The target of the request is no path.')
    const opens = isVisit(request)
    const caller = await visitor(request, id)
    if (!caller && opens) throw new Redirect(`${publicUrl}/open/${id}?next=${encodeURIComponent(asked)}`)
    if (!caller) throw new Problem('unauthenticated', `Open the environment at ${publicUrl}/open/${id}.`)
    const seen = await find.one(caller, id, 'environment:open')
    // Visits are for owners: an administrator uses a token.
    if (seen.environment.userId !== caller.userId)
      throw new Problem('environment-not-found', `There is no environment ${id}.`)
    const found = opens ? await wakeUp(caller, seen) : seen
    const { launch } = found.environment
    if (opens && asked === '/' && found.status === 'running' && isServedBelow(id, launch)) {
      throw new Redirect(openTarget(launch))
    }
    return admissionTo(found, caller, upstreamTarget(id, launch, asked))
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

  return async (request) => {
    const id = environments.idIn(request.headers.host)
    return id === null ? byPath(request) : byHost(request, id)
  }
}

/** @throws Problem environment-not-running */
function admissionTo({ environment, status, runtime }: Found, caller: Caller, target: string): Admission {
  const seen = runtime.seen?.observation
  const address = seen?.kind === 'container' ? seen.address : null
  if (status !== 'running' || !address) throw notRunning(environment, status)
  return { caller, address, target, secret: environment.token }
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
