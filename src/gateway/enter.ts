import type { IncomingMessage } from 'node:http'
import type { Visits } from '../accounts/visits.ts'
import { ownPath } from '../domain/people/own-path.ts'
import { Problem } from '../domain/problem.ts'
import type { SecretCookie } from '../wire/secret-cookie.ts'
import { isVisit } from './is-visit.ts'
import { Redirect } from './redirect.ts'

/** Where the platform hands a person over to an environment's own origin, with a code in the query. */
export const enterPath = '/.ai-lab/enter'

/** Exchanges the code for the cookie of a visit. @throws Redirect to the page that the person wanted; Problem */
export async function enter(
  request: IncomingMessage,
  id: string,
  { visits, cookie, publicUrl }: { visits: Visits; cookie: SecretCookie; publicUrl: string },
): Promise<never> {
  if (!isVisit(request)) throw new Problem('forbidden', 'Only a browser that opens this page enters by it.')
  const query = new URLSearchParams(request.url?.split('?', 2)[1])
  const next = ownPath(query.get('next') ?? undefined) ?? '/'
  const secret = await visits.enter(query.get('code') ?? '', id).catch((error: unknown) => {
    // The link was used before, or is too old: the platform makes a new one.
    if (error instanceof Problem && error.code === 'unauthenticated') {
      throw new Redirect(`${publicUrl}/open/${id}?next=${encodeURIComponent(next)}`)
    }
    throw error
  })
  throw new Redirect(next, cookie.set(secret))
}
