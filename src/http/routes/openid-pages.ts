import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { nextOf } from '../../accounts/openid-attempt.ts'
import type { OpenIdSignIn } from '../../accounts/openid-sign-in.ts'
import { ownPath } from '../../domain/people/own-path.ts'
import { isProblem, Problem, problems } from '../../domain/problem.ts'
import type { SecretCookie } from '../../wire/secret-cookie.ts'
import type { App } from '../app-type.ts'
import { type Authenticate, nullIfSignedOut } from '../authenticate.ts'
import { takeForms } from '../forms.ts'
import { fromOf } from '../from-of.ts'
import { show } from '../show-page.ts'
import { enter, formPage } from './sign-in-pages.ts'

type Uses = {
  openId: OpenIdSignIn
  authenticate: Authenticate
  /** Of sessions. */
  cookie: SecretCookie
  /** Of attempts to sign in, which the browser forgets after ten minutes. */
  attempts: SecretCookie
}

const hidden = { hide: true }
const path = '/sign-in/openid'

/** The way to an identity provider, and the way back. */
export function openIdPages(app: App, { openId, authenticate, cookie, attempts }: Uses): void {
  app.get(
    path,
    { schema: { ...hidden, querystring: z.object({ next: z.string().optional() }) } },
    async (request, reply) => {
      const onward = ownPath(request.query.next)
      try {
        const { url, attempt } = await openId.begin(onward)
        return reply.header('set-cookie', attempts.set(attempt)).redirect(url, 303)
      } catch (error) {
        return refuse(request, reply, error, onward)
      }
    },
  )

  // Providers send more parameters than the two that matter. The path of the log has none of them.
  const back = {
    config: { hasSecretPath: true },
    schema: { ...hidden, querystring: z.record(z.string(), z.unknown()) },
  }
  app.get(`${path}/callback`, back, async (request, reply) => {
    const attempt = attempts.read(request.headers.cookie)
    reply.header('set-cookie', attempts.clear())
    const onward = ownPath(attempt === null ? undefined : nextOf(attempt))
    try {
      if (attempt === null) throw noAttempt()
      const query = request.url.split('?', 2)[1] ?? ''
      const present = await authenticate(request).catch(nullIfNobody)
      const signedIn = await openId.finish({ query, attempt, present, ...fromOf(request, cookie) })
      return enter(reply, cookie, signedIn, onward ?? '/')
    } catch (error) {
      return refuse(request, reply, error, onward)
    }
  })

  // OpenID Connect Back-Channel Logout 1.0: the provider itself sends this.
  app.register(async (scope: App) => {
    takeForms(scope)
    const body = z.looseObject({ logout_token: z.string() })
    scope.post(`${path}/logout`, { schema: { ...hidden, body } }, async (request, reply) => {
      await openId.end(request.body.logout_token)
      return reply.code(200).send()
    })
  })

  /** The page to sign in, with the words of a problem. @throws the error if it is none */
  function refuse(request: FastifyRequest, reply: FastifyReply, error: unknown, onward: string | null): FastifyReply {
    if (!(error instanceof Problem) || error.code === 'internal-error') throw error
    const reason = error.cause instanceof Error ? error.cause.message : error.detail
    request.log.warn({ reason, client: request.ip }, 'a sign-in by the identity provider failed')
    const { status } = problems[error.code]
    if (error.retryAfterSeconds !== null) reply.header('retry-after', error.retryAfterSeconds)
    // A person who has to sign in here first goes on to the provider after that.
    const isToLink = isProblem(error, 'wrong-state')
    const then = isToLink ? `${path}${onward ? `?next=${encodeURIComponent(onward)}` : ''}` : onward
    return show(
      reply.code(status === 401 ? 403 : status),
      formPage({ onward: then, words: error.detail, provider: openId.name }),
    )
  }
}

function noAttempt(): Problem {
  return new Problem(
    'sign-in-failed',
    'This browser did not begin that sign-in, or more than ten minutes ago. Begin again.',
  )
}

/** Whoever is here already, a token or a stranger's page makes no difference to a sign-in. */
function nullIfNobody(error: unknown): null {
  return isProblem(error, 'of-another-origin') ? null : nullIfSignedOut(error)
}
