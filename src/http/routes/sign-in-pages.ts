import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Invitations } from '../../accounts/invitations.ts'
import type { OpenIdSignIn } from '../../accounts/openid-sign-in.ts'
import type { Sessions } from '../../accounts/sessions.ts'
import type { SignedIn, SignIn } from '../../accounts/sign-in.ts'
import { ownPath } from '../../domain/people/own-path.ts'
import { userId } from '../../domain/people/user-id.ts'
import { isProblem, Problem, problems } from '../../domain/problem.ts'
import { html } from '../../wire/html-page.ts'
import type { SecretCookie } from '../../wire/secret-cookie.ts'
import type { App } from '../app-type.ts'
import { type Authenticate, nullIfSignedOut, requireOwnPages } from '../authenticate.ts'
import { takeForms } from '../forms.ts'
import { fromOf } from '../from-of.ts'
import { password } from '../schemas/account.ts'
import { alert, type Page, show } from '../show-page.ts'

export type SignInPagesUses = {
  signIn: SignIn
  sessions: Sessions
  invitations: Invitations
  /** Null if there is no identity provider. */
  openId: OpenIdSignIn | null
  authenticate: Authenticate
  cookie: SecretCookie
  publicUrl: string
}

const hidden = { hide: true }
const next = z.string().optional()
const signInForm = z.strictObject({ user_id: z.string(), password, next })
const linkForm = z.strictObject({ code: z.string().max(100), user_id: z.string(), password: password.optional() })

/** Pages to sign in and out, without script. */
export function signInPages(app: App, uses: SignInPagesUses): void {
  app.register(async (scope: App) => {
    takeForms(scope)
    signInPage(scope, uses)
    linkPage(scope, uses)
  })
}

function signInPage(app: App, { signIn, sessions, openId, authenticate, cookie, publicUrl }: SignInPagesUses): void {
  const path = '/sign-in'
  const provider = openId?.name
  app.get(path, { schema: { ...hidden, querystring: z.object({ next }) } }, async (request, reply) => {
    const onward = ownPath(request.query.next)
    let words: string | undefined
    const caller = await authenticate(request).catch((error: unknown) => {
      if (isProblem(error, 'sign-in-failed')) words = error.detail
      return nullIfSignedOut(error)
    })
    if (!caller) return show(reply, formPage({ onward, provider, words }))
    const mayConnect = await openId?.mayConnect(caller)
    return show(reply, signedInPage(caller.userId, onward, mayConnect ? provider : undefined))
  })

  app.post(path, { schema: { ...hidden, body: signInForm } }, async (request, reply) => {
    requireOwnPages(request, publicUrl)
    const { user_id, password, next } = request.body
    const onward = ownPath(next)
    try {
      const signedIn = await signIn({ userId: idOf(user_id), password, ...fromOf(request, cookie) })
      return enter(reply, cookie, signedIn, onward ?? '/')
    } catch (error) {
      return showAgain(reply, error, (words) => formPage({ onward, provider, typed: user_id, words }))
    }
  })

  app.post('/sign-out', { schema: { ...hidden, body: z.strictObject({}).optional() } }, async (request, reply) => {
    requireOwnPages(request, publicUrl)
    const caller = await authenticate(request).catch(nullIfSignedOut) // it may have ended by itself
    const ended = caller?.kind === 'session' ? await sessions.end(caller, caller.credentialId) : null
    reply.header('set-cookie', cookie.clear())
    const url = ended && openId ? await openId.signOutUrl(ended) : null
    // As after a sign-in: the form may not lead to the origin of the provider.
    return url ? show(reply.header('refresh', `0;url=${url}`), signedOutPage(url, provider)) : reply.redirect(path, 303)
  })
}

function linkPage(app: App, { invitations, cookie, publicUrl }: SignInPagesUses): void {
  const config = { hasSecretPath: true }
  const params = z.object({ code: z.string().max(100) })
  app.get('/sign-in/link/:code', { config, schema: { ...hidden, params } }, async (request, reply) => {
    const { code } = request.params
    const invited = await invitations.look(code)
    return invited ? show(reply, welcomePage(code, invited)) : show(reply.code(403), goneLinkPage)
  })

  app.post('/sign-in/link', { schema: { ...hidden, body: linkForm } }, async (request, reply) => {
    requireOwnPages(request, publicUrl)
    const { code, password } = request.body
    const invited = await invitations.look(code)
    if (!invited) return show(reply.code(403), goneLinkPage)
    try {
      const signedIn = await invitations.accept({ code, password: password || null, ...fromOf(request, cookie) })
      return enter(reply, cookie, signedIn, '/')
    } catch (error) {
      return showAgain(reply, error, (words) => welcomePage(code, { ...invited, words }))
    }
  })
}

/** @throws Problem sign-in-failed, where the text cannot be anybody's id */
function idOf(typed: string) {
  const id = userId.safeParse(typed.trim())
  if (id.success) return id.data
  throw new Problem('sign-in-failed', 'The user id or the password is wrong, or the account is disabled.')
}

/**
 * Goes on by itself, but not by a redirect: a browser lets a form lead to the origins of its policy only, through all
 * redirects, and `/open/<id>` leads to an origin of its own.
 */
export function enter(
  reply: FastifyReply,
  cookie: SecretCookie,
  { secret, account }: Pick<SignedIn, 'secret' | 'account'>,
  path: string,
): FastifyReply {
  reply.header('set-cookie', cookie.set(secret)).header('refresh', `0;url=${path}`)
  return show(reply, signedInPage(account.id, path))
}

/** The form once more, with the words of a problem. @throws the error if it is none */
function showAgain(reply: FastifyReply, error: unknown, pageWith: (words: string) => Page): FastifyReply {
  if (!(error instanceof Problem) || problems[error.code].status >= 500) throw error
  if (error.retryAfterSeconds !== null) reply.header('retry-after', error.retryAfterSeconds)
  // A 401 has to name a scheme for the header `Authorization` (RFC 9110, 15.5.2), and a form is none.
  const { status } = problems[error.code]
  return show(reply.code(status === 401 ? 403 : status), pageWith(error.detail))
}

type Form = { onward: string | null; provider: string | undefined; typed?: string; words?: string | undefined }

export function formPage({ onward, provider, typed = '', words }: Form): Page {
  return {
    title: 'Sign in',
    body: html`<h1>Sign in</h1>
${alert(words)}
${provider ? providerLink(`Sign in with ${provider}`, onward) : null}
<form method="post" action="/sign-in">
<label for="user_id">User id</label>
<input id="user_id" name="user_id" value="${typed}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
${onward ? html`<input type="hidden" name="next" value="${onward}">` : null}
<button>Sign in</button>
</form>
<p>No password yet, or forgotten? An administrator of this lab can send you a link.</p>
`,
  }
}

function providerLink(words: string, onward: string | null) {
  const isOnward = onward !== null && !onward.startsWith('/sign-in')
  const next = isOnward ? `?next=${encodeURIComponent(onward)}` : ''
  return html`<p><a href="/sign-in/openid${next}">${words}</a></p>\n`
}

/** `provider` may be connected with the account. */
function signedInPage(user: string, onward: string | null, provider?: string): Page {
  return {
    title: 'Signed in',
    body: html`<h1>You are signed in</h1>
<p>You are <strong>${user}</strong>.</p>
<p><a href="${onward ?? '/'}">${onward ? 'Go on' : 'Your environments'}</a></p>
${provider ? providerLink(`Connect this account with ${provider}`, onward) : null}
<form method="post" action="/sign-out"><button>Sign out</button></form>
`,
  }
}

function signedOutPage(url: string, provider = ''): Page {
  return {
    title: 'Signed out',
    body: html`<h1>You are signed out</h1>
<p><a href="${url}">Sign out of ${provider} too</a></p>
`,
  }
}

function welcomePage(code: string, invited: { userId: string; hasPassword: boolean; words?: string }): Page {
  const { userId, hasPassword, words } = invited
  const label = hasPassword ? 'New password, if you want another one' : 'Choose a password'
  const required = hasPassword ? null : html` required`
  return {
    title: 'Welcome',
    body: html`<h1>Welcome</h1>
${alert(words)}
<p>This link signs you in once.</p>
<form method="post" action="/sign-in/link">
<input type="hidden" name="code" value="${code}">
<label for="user_id">User id</label>
<input id="user_id" name="user_id" value="${userId}" autocomplete="username" readonly>
<label for="password">${label}</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="12" aria-describedby="rule"${required}>
<p id="rule">12 characters or more.</p>
<button>Sign in</button>
</form>
`,
  }
}

const goneLinkPage: Page = {
  title: 'Link not valid',
  body: html`<h1>This link does not sign in any more</h1>
<p>It was used, has expired, or was replaced by a newer one. Ask an administrator of this lab for a new link, or
<a href="/sign-in">sign in</a> with your password.</p>
`,
}
