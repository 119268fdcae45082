import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Visits } from '../../accounts/visits.ts'
import { wayTo } from '../../domain/environment/upstream.ts'
import { enterPath } from '../../domain/gateway/enter-path.ts'
import type { EnvironmentsUrl } from '../../domain/gateway/environments-url.ts'
import { keepBelow } from '../../domain/gateway/keep-below.ts'
import { openTarget } from '../../domain/gateway/open-target.ts'
import type { Caller } from '../../domain/people/account.ts'
import { ownPath } from '../../domain/people/own-path.ts'
import { Problem, problems } from '../../domain/problem.ts'
import type { BringUp } from '../../environments/bring-up.ts'
import type { Change } from '../../environments/change.ts'
import type { Find, Found } from '../../environments/find.ts'
import type { Openings } from '../../environments/openings.ts'
import type { App } from '../app-type.ts'
import { type Authenticate, nullIfSignedOut } from '../authenticate.ts'
import { takeForms } from '../forms.ts'
import { show } from '../show-page.ts'
import { askPage, failedPage, onwardPage, problemPage, stoppedPage, waitingPage } from './open-pages.ts'

type Uses = {
  find: Pick<Find, 'one'>
  change: Pick<Change, 'act' | 'noteOpening'>
  bringUp: BringUp
  openings: Openings
  visits: Pick<Visits, 'begin'>
  environments: EnvironmentsUrl
  authenticate: Authenticate
}

type Wanted = { id: string; next: string | null }

const params = z.object({ id: z.string().max(200) })
const query = z.object({
  next: z.string().optional(),
  waits: z.string().optional().describe('It was to run when the page looked last, so this look starts nothing'),
})
const lookAgainSeconds = 1

/**
 * Hands a person who is signed in over to the origin of an environment, and starts or resumes it before. While it cannot be
 * opened, a page says why.
 */
export function openRoute(app: App, uses: Uses): void {
  const { find, change, bringUp, openings, authenticate } = uses

  async function toEnvironment(reply: FastifyReply, caller: Caller, wanted: Wanted, waits: boolean) {
    const seen = await find.one(caller, wanted.id, 'environment:open')
    if (waits && isStopped(seen)) return show(reply, stoppedPage(seen, wanted.next))
    const found = await bringUp(caller, seen)
    if (found.status === 'running' && wayTo(found.environment)) return await handOver(reply, caller, found, wanted)
    if (found.status === 'failed') return show(reply, failedPage(found, wanted.next))
    const again = pathTo(wanted, { waits: found.environment.desired === 'running' })
    return show(reply.header('refresh', `${lookAgainSeconds};url=${again}`), waitingPage(found))
  }

  async function handOver(reply: FastifyReply, caller: Caller, { environment }: Found, { id, next }: Wanted) {
    const origin = originOf(id, uses.environments)
    const code = await uses.visits.begin(caller, id)
    await change.noteOpening(id)
    const base = uses.environments.baseOf(id)
    const target = encodeURIComponent(keepBelow(base, next ?? openTarget(environment.launch)))
    return reply.redirect(`${origin}${enterPath(base)}?code=${code}&next=${target}`, 303)
  }

  app.register(async (scope: App) => {
    takeForms(scope)
    scope.setErrorHandler(async (error, _request, reply) => {
      if (!(error instanceof Problem)) throw error
      return show(reply.code(problems[error.code].status), problemPage(error))
    })

    scope.get('/open/:id', { schema: { hide: true, params, querystring: query } }, async (request, reply) => {
      const wanted = { id: request.params.id, next: ownPath(request.query.next) }
      const caller = await authenticate(request).catch(nullIfSignedOut)
      if (!caller) return reply.redirect(`/sign-in?next=${encodeURIComponent(pathTo(wanted))}`, 303)
      const { environment } = await find.one(caller, wanted.id, 'environment:open')
      requireSession(caller)
      if (!(await openings.mayEnter(caller, environment))) return show(reply, askPage(environment, wanted.next))
      return await toEnvironment(reply, caller, wanted, request.query.waits !== undefined)
    })

    // What a visit alone must not do: to try a failed environment again, and to open that of another person.
    scope.post('/open/:id', { schema: { hide: true, params, querystring: query } }, async (request, reply) => {
      const wanted = { id: request.params.id, next: ownPath(request.query.next) }
      const caller = await authenticate(request)
      const { environment, status } = await find.one(caller, wanted.id, 'environment:open')
      requireSession(caller)
      if (environment.userId !== caller.userId) await openings.inBrowser(caller, environment)
      if (status === 'failed') await change.act(caller, wanted.id, 'start')
      // No redirect: a browser lets a form lead to the origins of its page's policy only, through all redirects, and this
      // leads to another origin.
      const path = pathTo(wanted)
      return show(reply.header('refresh', `0;url=${path}`), onwardPage(environment, path))
    })
  })
}

/** @throws Problem forbidden */
function requireSession({ kind }: Caller): void {
  if (kind === 'session') return
  throw new Problem('forbidden', 'Sign in with a browser to open an environment in it. A program uses the gateway.')
}

function pathTo({ id, next }: Wanted, { waits = false } = {}): string {
  const query = [...(next === null ? [] : [`next=${encodeURIComponent(next)}`]), ...(waits ? ['waits=1'] : [])]
  return `/open/${id}${query.length === 0 ? '' : `?${query.join('&')}`}`
}

/** Whether somebody, or the platform, wants that it does not run now. */
function isStopped({ environment: { desired } }: Found): boolean {
  return desired === 'stopped' || desired === 'paused'
}

/** @throws Problem wrong-state */
function originOf(id: string, environments: EnvironmentsUrl): string {
  if (environments.pattern === null) {
    throw new Problem(
      'wrong-state',
      'This lab has no address for environments yet. An administrator sets ENVIRONMENTS_URL.',
    )
  }
  const origin = environments.originOf(id)
  if (origin === null) {
    throw new Problem(
      'wrong-state',
      `${id} cannot be part of a host name, so no browser can open it. Programs reach it at the gateway (docs/gateway.md).`,
    )
  }
  return origin
}
