import type { FastifyInstance, FastifyRequest } from 'fastify'
import { callerWith } from '../accounts/caller-with.ts'
import type { Sessions } from '../accounts/sessions.ts'
import type { Tokens } from '../accounts/tokens.ts'
import type { Vouched } from '../accounts/vouched.ts'
import type { Caller } from '../domain/people/account.ts'
import { type Action, can, requireRight } from '../domain/people/can.ts'
import { isOfNoOtherPage, isOfOwnPages } from '../domain/people/own-pages.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import { credentialsOf } from '../wire/credentials.ts'
import { provenanceOf } from '../wire/provenance.ts'
import type { SecretCookie } from '../wire/secret-cookie.ts'
import { fromOf } from './from-of.ts'
import type { TrustedName } from './trusted-name.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; null in the public scope unless the request has credentials. */
    caller: Caller | null
    /** Whether somebody at this machine asks a service in which nobody can sign in yet. */
    readonly isAtMachine: boolean
  }
  interface FastifyContextConfig {
    /** The action that the caller needs the right to, for a route that concerns no single person's things. */
    action?: Action
  }
}

/** Every caller in this scope has signed in, and has the right to the action that the route names. */
export function requireSignedIn(scope: FastifyInstance, authenticate: Authenticate): void {
  scope.addHook('onRequest', (request) => requireCaller(request, authenticate))
  // A body may take its time to arrive, and the right may have ended meanwhile.
  scope.addHook('preHandler', async (request) => {
    if (request.body !== undefined) await requireCaller(request, authenticate)
  })
}

async function requireCaller(request: FastifyRequest, authenticate: Authenticate): Promise<void> {
  request.caller = await authenticate(request)
  const { action } = request.routeOptions.config
  if (action) requireRight(request.caller, action, {}, forAdministrators)
}

/** The person for whom a page acts. */
const personHeader = 'ai-lab-person'

export const forAdministrators = 'This is for administrators.'

/** Every caller in this scope is an administrator; the scope lies within `signedIn`. */
export function requireAdministrator(scope: FastifyInstance): void {
  const requireAdmin = async (request: FastifyRequest) =>
    requireRight(callerOf(request), 'lab:administer', {}, forAdministrators)
  scope.addHook('onRequest', requireAdmin)
  scope.addHook('preHandler', requireAdmin) // the caller of before the body may have been demoted since
}

/** Whether the answer may contain host paths. An unreadable request never got a caller, not even null. */
export function maySeeHostPaths({
  caller,
  isAtMachine = false,
}: Partial<Pick<FastifyRequest, 'caller' | 'isAtMachine'>>): boolean {
  return caller ? can(caller, 'host-path:see') : isAtMachine
}

/** The caller of a request in the scope `signedIn`. */
export function callerOf({ caller }: FastifyRequest): Caller {
  if (caller) return caller
  throw new Problem('unauthenticated', 'Sign in first.')
}

/** The caller of a request. @throws Problem unauthenticated, of-another-origin, another-person */
export type Authenticate = (request: FastifyRequest) => Promise<Caller>

/**
 * A token in the header `Authorization` comes first, then the word of a reverse proxy, then the cookie of a session. A browser
 * sends the latter two without its person's will, so both count only in requests of our own pages, and only for the person whom
 * the page names.
 */
export function createAuthenticate(deps: {
  tokens: Tokens
  sessions: Sessions
  /** Null if no proxy's word counts. */
  proxy: { nameIn: TrustedName; vouched: Vouched } | null
  cookie: SecretCookie
  publicUrl: string
}): Authenticate {
  const { tokens, sessions, proxy, cookie, publicUrl } = deps
  return async (request) => {
    const { authorization, cookie: cookies } = request.headers
    if (authorization !== undefined) return await ownerOfToken(authorization, tokens)
    const name = proxy?.nameIn(request) ?? null
    if (proxy && name !== null) {
      requireOwnPages(request, publicUrl)
      return requireNamed(request, await proxy.vouched.callerOf(name, fromOf(request, cookie)))
    }
    const secret = cookie.read(cookies)
    if (secret === null) return await ownerOfToken(authorization, tokens)
    requireOwnPages(request, publicUrl)
    return requireNamed(request, await sessions.callerOf(secret))
  }
}

/** Without this check, a page that was left open acts with the rights of the next person who signs in. */
function requireNamed({ headers }: FastifyRequest, caller: Caller): Caller {
  const named = headers[personHeader]
  if (named === undefined || named === caller.userId) return caller
  throw new Problem('another-person', `${caller.userId} is signed in, and the request is for another person.`)
}

/** @throws Problem of-another-origin */
export function requireOwnPages(request: FastifyRequest, publicUrl: string): void {
  if (!isOfOwnPages(provenanceOf(request), new URL(publicUrl).origin)) throw ofAnotherOrigin(publicUrl)
}

/** For a request without credentials, which a program may send too. @throws Problem of-another-origin */
export function requireNoOtherPage(request: FastifyRequest, publicUrl: string): void {
  if (!isOfNoOtherPage(provenanceOf(request), new URL(publicUrl).origin)) throw ofAnotherOrigin(publicUrl)
}

function ofAnotherOrigin(publicUrl: string): Problem {
  return new Problem(
    'of-another-origin',
    `A session counts only in requests of this service's own pages, at ${publicUrl}. A program sends an API token.`,
  )
}

async function ownerOfToken(authorization: string | undefined, tokens: Tokens): Promise<Caller> {
  const credentials = credentialsOf(authorization)
  if (!credentials) {
    throw new Problem(
      'unauthenticated',
      'Sign in, or send an API token: "Authorization: Bearer <token>", or curl -u <user>:<token>.',
    )
  }
  return callerWith(tokens, credentials)
}

/** For a page that people see before they sign in too, and those whom a proxy vouches for in vain. @throws any other error again */
export function nullIfSignedOut(error: unknown): null {
  if (isProblem(error, 'unauthenticated') || isProblem(error, 'sign-in-failed')) return null
  throw error
}
