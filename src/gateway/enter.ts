import type { IncomingMessage } from 'node:http'
import type { Visits } from '../accounts/visits.ts'
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

/** Exchanges the code for the cookie of a visit. @throws Redirect to the page that the person wanted; Problem */
export async function enter(
  request: IncomingMessage,
  id: string,
  { visits, cookie, environments, publicUrl }: Uses,
): Promise<never> {
  if (!isVisit(request)) throw new Problem('forbidden', 'Only a browser that opens this page enters by it.')
  const query = new URLSearchParams(request.url?.split('?', 2)[1])
  const base = environments.baseOf(id)
  const next = keepBelow(base, ownPath(query.get('next') ?? undefined) ?? base)
  const secret = await visits.enter(query.get('code') ?? '', id).catch((error: unknown) => {
    // The link was used before, or is too old: the platform makes a new one.
    if (error instanceof Problem && error.code === 'unauthenticated') {
      throw new Redirect(`${publicUrl}/open/${id}?next=${encodeURIComponent(next)}`)
    }
    throw error
  })
  throw new Redirect(next, cookie.set(secret, base))
}
