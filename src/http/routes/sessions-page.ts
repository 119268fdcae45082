import { z } from 'zod'
import type { Sessions } from '../../accounts/sessions.ts'
import type { Caller } from '../../domain/people/account.ts'
import type { Session } from '../../domain/people/session.ts'
import { isProblem } from '../../domain/problem.ts'
import { html } from '../../wire/html-page.ts'
import type { App } from '../app-type.ts'
import { type Authenticate, nullIfSignedOut, requireOwnPages } from '../authenticate.ts'
import { takeForms } from '../forms.ts'
import { isoTime } from '../schemas/common.ts'
import { type Page, show } from '../show-page.ts'

type Uses = { sessions: Pick<Sessions, 'page' | 'end'>; authenticate: Authenticate; publicUrl: string }

const hidden = { hide: true }
const path = '/sessions'
const signInFirst = '/sign-in?next=%2Fsessions'
const atMost = 100

/** The page of the browsers in which a person is signed in, with a button that signs each of them out. No script. */
export function sessionsPage(app: App, { sessions, authenticate, publicUrl }: Uses): void {
  app.register(async (scope: App) => {
    takeForms(scope)
    scope.get(path, { schema: hidden }, async (request, reply) => {
      const caller = await authenticate(request).catch(nullIfSignedOut)
      if (!caller) return reply.redirect(signInFirst, 303)
      const { items } = await sessions.page(caller, undefined, { after: null, limit: atMost })
      return show(reply, listPage(caller, items))
    })

    const form = z.strictObject({ id: z.string().max(64) })
    scope.post(path, { schema: { ...hidden, body: form } }, async (request, reply) => {
      requireOwnPages(request, publicUrl)
      const caller = await authenticate(request).catch(nullIfSignedOut)
      if (!caller) return reply.redirect(signInFirst, 303)
      await sessions.end(caller, request.body.id).catch(ifItHadNotEnded)
      return reply.redirect(path, 303)
    })
  })
}

/** Somebody who wants a session to end has what they want if it has ended by itself. @throws any other error again */
function ifItHadNotEnded(error: unknown): void {
  if (!isProblem(error, 'session-not-found')) throw error
}

function listPage({ userId, credentialId }: Caller, items: readonly Session[]): Page {
  return {
    title: 'Where you are signed in',
    body: html`<h1>Where you are signed in</h1>
<p>You are <strong>${userId}</strong>. If you do not know one of these browsers, sign it out, and ask an administrator of this lab
for a link to choose a new password.</p>
<table>
<tr><th>Browser</th><th>Address</th><th>Signed in (UTC)</th><th>Last used (UTC)</th><th></th></tr>
${items.map((session) => rowOf(session, session.id === credentialId))}</table>
<p><a href="/">Your environments</a></p>
`,
  }
}

function rowOf({ id, client, address, createdAt, lastUsedAt }: Session, isThisOne: boolean) {
  const end = isThisOne
    ? html`<form method="post" action="/sign-out"><button>Sign out here</button></form>`
    : html`<form method="post" action="${path}"><input type="hidden" name="id" value="${id}"><button>Sign out</button></form>`
  return html`<tr><td>${client}</td><td>${address}</td><td>${minuteOf(createdAt)}</td><td>${minuteOf(lastUsedAt)}</td>
<td>${end}</td></tr>\n`
}

function minuteOf(ms: number) {
  const iso = isoTime(ms)
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')}</time>`
}
