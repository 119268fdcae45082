import type { IncomingMessage } from 'node:http'
import { callerWith } from '../accounts/caller-with.ts'
import type { Tokens } from '../accounts/tokens.ts'
import type { Visits } from '../accounts/visits.ts'
import type { Address } from '../domain/environment/environment.ts'
import type { EnvironmentsUrl } from '../domain/gateway/environments-url.ts'
import { notRunning } from '../domain/gateway/not-running.ts'
import { openTarget } from '../domain/gateway/open-target.ts'
import { pathForm, upstreamTarget, withoutToken } from '../domain/gateway/path-form.ts'
import { basePath } from '../domain/names.ts'
import type { Caller } from '../domain/people/account.ts'
import { isOfOwnPages } from '../domain/people/own-pages.ts'
import { Problem } from '../domain/problem.ts'
import type { Change } from '../environments/change.ts'
import type { Find, Found } from '../environments/find.ts'
import type { Clock } from '../ports/clock.ts'
import { credentialsOf } from '../wire/credentials.ts'
import type { SecretCookie } from '../wire/secret-cookie.ts'
import { isVisit, provenanceOf } from './provenance.ts'
import { Redirect } from './redirect.ts'

const wakeLookMs = 20
const wakeWaits = 25

/** A request that may go on: to that address, with that target and secret. */
export type Admission = { caller: Caller; address: Address; target: string; secret: string }

export type AdmitUses = {
  tokens: Pick<Tokens, 'callerOf'>
  visits: Visits
  find: Pick<Find, 'one'>
  change: Pick<Change, 'act'>
  cookie: SecretCookie
  environments: EnvironmentsUrl
  /** Where people sign in, and come from to an environment. */
  publicUrl: string
  clock: Pick<Clock, 'sleep'>
}

/** Decides where a request or an upgrade goes. @throws Problem or Redirect when it goes nowhere */
export type Admit = (request: IncomingMessage) => Promise<Admission>

export function createAdmit({
  tokens,
  visits,
  find,
  change,
  cookie,
  environments,
  publicUrl,
  clock,
}: AdmitUses): Admit {
  /** `/env/<id>/…` on any other host, for programs that send a token. */
  async function byPath(request: IncomingMessage): Promise<Admission> {
    const { url = '', headers } = request
    const form = pathForm(url)
    if (!form) throw new Problem('not-found', 'Environments are below /env/<id>/.')
    requireProgram(request)
    const credentials = credentialsOf(headers.authorization) ?? credentialsIn(form.secret)
    if (!credentials) throw new Problem('unauthenticated', 'Send an API token: "Authorization: Bearer <token>".')
    return admitted(await callerWith(tokens, credentials), form.id, form.target, false)
  }

  /** The environment's own host, for browsers that visit it. */
  async function byHost(request: IncomingMessage, id: string): Promise<Admission> {
    requireOwnPages(request)
    const target = request.url ?? '/'
    const secret = cookie.read(request.headers.cookie)
    const caller = secret === null ? null : await visits.callerOf(secret, id).catch(nullIfEnded)
    if (caller) return admitted(caller, id, target, isVisit(request))
    if (isVisit(request)) throw new Redirect(`${publicUrl}/open/${id}?next=${encodeURIComponent(target)}`)
    throw new Problem('unauthenticated', `Open the environment at ${publicUrl}/open/${id}.`)
  }

  async function admitted(caller: Caller, id: string, asked: string, opens: boolean): Promise<Admission> {
    const first = await find.one(caller, id, 'environment:open')
    const { environment, status, runtime } = opens ? await wakeUp(caller, first) : first
    const seen = runtime.seen?.observation
    const address = seen?.kind === 'container' ? seen.address : null
    if (status !== 'running' || !address) throw notRunning(environment, status)
    const { launch, token: secret } = environment
    const isServedBelow = launch.readyPath.startsWith(basePath(id))
    if (opens && asked === '/' && isServedBelow) throw new Redirect(openTarget(launch))
    const isPathForm = asked.startsWith(basePath(id))
    const target = isPathForm ? upstreamTarget(id, launch, asked) : asked
    // A page of Jupyter's own may ask with the secret that was overwritten in it, which would come before the right one.
    return { caller, address, target: launch.type === 'jupyter' ? withoutToken(target).target : target, secret }
  }

  /** Whoever opens an environment of theirs wants it to run. A paused one does so at once. */
  async function wakeUp(caller: Caller, found: Found): Promise<Found> {
    const { id, userId } = found.environment
    const action = ({ paused: 'resume', exited: 'start' } as const)[found.status as 'paused' | 'exited']
    if (!action || caller.userId !== userId) return found
    let now = await change.act(caller, id, action)
    for (let waits = 0; waits < wakeWaits && now.status !== 'running'; waits += 1) {
      await clock.sleep(wakeLookMs)
      now = await find.one(caller, id, 'environment:open')
    }
    return now.status === found.status ? { ...now, status: 'starting' } : now
  }

  return async (request) => {
    const id = environments.idIn(request.headers.host)
    return id === null ? byPath(request) : byHost(request, id)
  }
}

/**
 * The path form shares its origin with all other environments, so no browser may show a page of it: the page's script
 * could act on the others. Only browsers send this header with this value.
 */
function requireProgram({ headers }: IncomingMessage): void {
  if (headers['sec-fetch-mode'] !== 'navigate') return
  throw new Problem('forbidden', 'This address is for programs that send a token. A browser cannot open it.')
}

/** The cookie of a visit comes along from pages of other origins too; then it counts only for a visit by a person. */
function requireOwnPages(request: IncomingMessage): void {
  const { host = '', upgrade, origin } = request.headers
  const own = (protocol: string) => `${protocol}://${host}`
  const isOwn =
    upgrade === undefined
      ? isOfOwnPages(provenanceOf(request), origin === own('https') ? own('https') : own('http'))
      : origin === own('http') || origin === own('https')
  if (!isOwn) throw new Problem('of-another-origin', 'Only the own pages of an environment may ask it for anything.')
}

function credentialsIn(secret: string | null) {
  return secret === null ? null : { secret, user: null }
}

function nullIfEnded(error: unknown): null {
  if (error instanceof Problem && error.code === 'unauthenticated') return null
  throw error
}
