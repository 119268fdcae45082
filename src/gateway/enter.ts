import type { IncomingMessage } from 'node:http'
import type { Visits } from '../accounts/visits.ts'
import { enterPath } from '../domain/gateway/enter-path.ts'
import type { EnvironmentsUrl } from '../domain/gateway/environments-url.ts'
import { keepBelow } from '../domain/gateway/keep-below.ts'
import { ownPath } from '../domain/people/own-path.ts'
import { Problem } from '../domain/problem.ts'
import type { SecretCookie } from '../wire/secret-cookie.ts'
import { isVisit } from './is-visit.ts'
import { Redirect } from './redirect.ts'

type Uses = {
  visits: Visits
  cookie: SecretCookie
  environments: Pick<EnvironmentsUrl, 'baseOf'>
  publicUrl: string
}

/**
 * Exchanges the code for the cookie of a visit, and then looks once whether the browser keeps it: one that does not would go round
 * in circles. @throws Redirect, in the end to the page that the person wanted; Problem
 */
export async function enter(
  request: IncomingMessage,
  id: string,
  { visits, cookie, environments, publicUrl }: Uses,
): Promise<never> {
  if (!isVisit(request)) throw new Problem('forbidden', 'Only a browser that opens this page enters by it.')
  const query = new URLSearchParams(request.url?.split('?', 2)[1])
  const base = environments.baseOf(id)
  const next = keepBelow(base, ownPath(query.get('next') ?? undefined) ?? base)
  const code = query.get('code')
  if (code === null) {
    requireCookie(request, cookie)
    throw new Redirect(next)
  }
  const secret = await visits.enter(code, id).catch((error: unknown) => {
    // The link was used before, or is too old: the platform makes a new one.
    if (error instanceof Problem && error.code === 'unauthenticated') {
      throw new Redirect(`${publicUrl}/open/${id}?next=${encodeURIComponent(next)}`)
    }
    throw error
  })
  throw new Redirect(`${enterPath(base)}?next=${encodeURIComponent(next)}`, cookie.set(secret, base))
}

/** @throws Problem forbidden */
function requireCookie({ headers }: IncomingMessage, cookie: SecretCookie): void {
  if (cookie.read(headers.cookie) !== null || cookie.isDoubled(headers.cookie)) return // the next page says so of two
  throw new Problem(
    'forbidden',
    'Your browser keeps no cookies of this address. Allow them, and open the environment again.',
  )
}
