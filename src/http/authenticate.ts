import type { FastifyInstance, FastifyRequest } from 'fastify'
import { callerWith } from '../accounts/caller-with.ts'
import type { Tokens } from '../accounts/tokens.ts'
import type { Caller } from '../domain/people/account.ts'
import { type Action, can, requireRight } from '../domain/people/can.ts'
import { Problem } from '../domain/problem.ts'
import { credentialsOf } from '../wire/credentials.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; null in the public scope unless the request has credentials. */
    caller: Caller | null
  }
  interface FastifyContextConfig {
    /** The action that the caller needs the right to, for a route that concerns no single person's things. */
    action?: Action
  }
}

/** Every caller in this scope has signed in, and has the right to the action that the route names. */
export function requireSignedIn(scope: FastifyInstance, tokens: Tokens): void {
  scope.addHook('onRequest', (request) => requireCaller(request, tokens))
  // A body may take its time to arrive, and the right may have ended meanwhile.
  scope.addHook('preHandler', async (request) => {
    if (request.body !== undefined) await requireCaller(request, tokens)
  })
}

async function requireCaller(request: FastifyRequest, tokens: Tokens): Promise<void> {
  request.caller = await authenticate(request, tokens)
  const { action } = request.routeOptions.config
  if (action) requireRight(request.caller, action, {}, forAdministrators)
}

const forAdministrators = 'This is for administrators.'

/** Every caller in this scope is an administrator; the scope lies within `signedIn`. */
export function requireAdministrator(scope: FastifyInstance): void {
  const requireAdmin = async (request: FastifyRequest) =>
    requireRight(callerOf(request), 'lab:administer', {}, forAdministrators)
  scope.addHook('onRequest', requireAdmin)
  scope.addHook('preHandler', requireAdmin) // the caller of before the body may have been demoted since
}

/** Whether the answer may contain host paths. An unreadable request never got a caller, not even null. */
export function maySeeHostPaths({ caller }: Partial<Pick<FastifyRequest, 'caller'>>): boolean {
  return caller ? can(caller, 'host-path:see') : false
}

/** The caller of a request in the scope `signedIn`. */
export function callerOf({ caller }: FastifyRequest): Caller {
  if (caller) return caller
  throw new Problem('unauthenticated', 'Sign in first.')
}

/** @throws Problem unauthenticated */
export async function authenticate({ headers }: FastifyRequest, tokens: Tokens): Promise<Caller> {
  const credentials = credentialsOf(headers.authorization)
  if (!credentials) {
    throw new Problem(
      'unauthenticated',
      'Send an API token: "Authorization: Bearer <token>", or curl -u <user>:<token>.',
    )
  }
  return callerWith(tokens, credentials)
}
