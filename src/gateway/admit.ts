import type { IncomingMessage } from 'node:http'
import { callerWith } from '../accounts/caller-with.ts'
import type { Tokens } from '../accounts/tokens.ts'
import type { Address } from '../domain/environment/environment.ts'
import { notRunning } from '../domain/gateway/not-running.ts'
import { pathForm, upstreamTarget } from '../domain/gateway/path-form.ts'
import type { Caller } from '../domain/people/account.ts'
import { Problem } from '../domain/problem.ts'
import type { Find } from '../environments/find.ts'
import { credentialsOf } from '../wire/credentials.ts'

/** A request that may go on: to that address, with that target and secret. */
export type Admission = { caller: Caller; address: Address; target: string; secret: string }

export type AdmitUses = { tokens: Pick<Tokens, 'callerOf'>; find: Pick<Find, 'one'> }

/** Decides where a request or an upgrade goes. @throws Problem when it goes nowhere */
export type Admit = (request: IncomingMessage) => Promise<Admission>

export function createAdmit({ tokens, find }: AdmitUses): Admit {
  return async ({ url = '', headers }) => {
    const form = pathForm(url)
    if (!form) throw new Problem('not-found', 'Environments are below /env/<id>/.')
    requireProgram(headers)
    const credentials = credentialsOf(headers.authorization) ?? credentialsIn(form.secret)
    if (!credentials) {
      throw new Problem('unauthenticated', 'Send an API token: "Authorization: Bearer <token>".')
    }
    const caller = await callerWith(tokens, credentials)
    const { environment, status, runtime } = await find.one(caller, form.id, 'environment:open')
    const seen = runtime.seen?.observation
    const address = seen?.kind === 'container' ? seen.address : null
    if (status !== 'running' || !address) throw notRunning(environment, status)
    const target = upstreamTarget(form.id, environment.launch, form.target)
    return { caller, address, target, secret: environment.token }
  }
}

/**
 * The path form shares its origin with all other environments, so no browser may show a page of it: the page's script
 * could act on the others. Only browsers send this header with this value.
 */
function requireProgram({ 'sec-fetch-mode': mode }: IncomingMessage['headers']): void {
  if (mode !== 'navigate') return
  throw new Problem('forbidden', 'This address is for programs that send a token. A browser cannot open it.')
}

function credentialsIn(secret: string | null) {
  return secret === null ? null : { secret, user: null }
}
