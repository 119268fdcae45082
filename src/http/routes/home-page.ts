import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Catalog } from '../../domain/environment/catalog.ts'
import { tierAllows } from '../../domain/environment/catalog.ts'
import type { Status } from '../../domain/environment/environment.ts'
import { statusReason } from '../../domain/environment/status.ts'
import type { Caller } from '../../domain/people/account.ts'
import { Problem, problems } from '../../domain/problem.ts'
import type { Change } from '../../environments/change.ts'
import type { createEnvironments } from '../../environments/create.ts'
import type { Find, Found } from '../../environments/find.ts'
import type { Openings } from '../../environments/openings.ts'
import type { Opening } from '../../ports/environment-store.ts'
import { html } from '../../wire/html-page.ts'
import type { App } from '../app-type.ts'
import { type Authenticate, nullIfSignedOut, requireOwnPages } from '../authenticate.ts'
import { takeForms } from '../forms.ts'
import { alert, type Page, show } from '../show-page.ts'

type Uses = {
  find: Pick<Find, 'page'>
  create: ReturnType<typeof createEnvironments>
  change: Pick<Change, 'act'>
  openings: Pick<Openings, 'lately'>
  catalog: Catalog
  authenticate: Authenticate
  publicUrl: string
}

const hidden = { hide: true }
const signInFirst = '/sign-in?next=%2F'
const shownAtMost = 200
const lookAgainSeconds = '3'
const onTheirWay = new Set(['pending', 'pulling', 'creating', 'starting', 'stopping'])

/** The page of a person's own environments: a list with links and buttons, and a form that makes another one. No script. */
export function homePage(app: App, uses: Uses): void {
  const { find, create, change, openings, authenticate, publicUrl } = uses

  /** Does what a form asks for, and shows the list again. If that is refused, the page says why. */
  async function answer(request: FastifyRequest, reply: FastifyReply, act: (caller: Caller) => Promise<unknown>) {
    requireOwnPages(request, publicUrl)
    const caller = await authenticate(request).catch(nullIfSignedOut)
    if (!caller) return reply.redirect(signInFirst, 303)
    try {
      await act(caller)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      const { page } = await pageFor(caller, error.detail)
      return show(reply.code(problems[error.code].status), page)
    }
    return reply.redirect('/', 303)
  }

  async function pageFor(caller: Caller, words?: string): Promise<{ page: Page; changes: boolean }> {
    const own = { userId: caller.userId, template: undefined, status: undefined }
    const { items } = await find.page(caller, own, { after: null, limit: shownAtMost })
    const opened = await openings.lately(items.map(({ environment }) => environment))
    return {
      page: listPage({ caller, items, opened, catalog: uses.catalog, words }),
      changes: items.some(({ status }) => onTheirWay.has(status)),
    }
  }

  app.register(async (scope: App) => {
    takeForms(scope)
    scope.get('/', { schema: hidden }, async (request, reply) => {
      const caller = await authenticate(request).catch(nullIfSignedOut)
      if (!caller) return reply.redirect(signInFirst, 303)
      const { page, changes } = await pageFor(caller)
      if (changes) reply.header('refresh', lookAgainSeconds)
      return show(reply, page)
    })

    const form = z.strictObject({ template: z.string().max(64) })
    scope.post('/', { schema: { ...hidden, body: form } }, (request, reply) =>
      answer(request, reply, (caller) => create(caller, { template: request.body.template }, { idempotencyKey: null })),
    )

    const params = z.object({ id: z.string().max(200) })
    const button = z.strictObject({ action: z.enum(['start', 'stop']) })
    scope.post('/environments/:id', { schema: { ...hidden, params, body: button } }, (request, reply) =>
      answer(request, reply, (caller) => change.act(caller, request.params.id, request.body.action, { safe: false })),
    )
  })
}

type Shown = {
  caller: Caller
  items: readonly Found[]
  opened: readonly Opening[]
  catalog: Catalog
  words: string | undefined
}

function listPage({ caller: { userId, tier }, items, opened, catalog, words }: Shown): Page {
  const templates = Object.entries(catalog.templates).filter(([, each]) => tierAllows(catalog, tier, each.minimum_tier))
  return {
    title: 'Environments',
    body: html`<h1>Your environments</h1>
${alert(words)}
${
  items.length === 0
    ? html`<p>There are none yet.</p>`
    : html`<table>
<tr><th>Name</th><th>Template</th><th>Status</th><th></th></tr>
${items.map((found) => rowOf(found, opened))}</table>`
}
<form method="post" action="/">
<label for="template">Template</label>
<select id="template" name="template">
${templates.map(([name, { description }]) => html`<option value="${name}">${name}: ${description}</option>\n`)}</select>
<button>Create an environment</button>
</form>
<form method="post" action="/sign-out">
<p>You are <strong>${userId}</strong>. <a href="/sessions">Where you are signed in</a></p>
<button>Sign out</button>
</form>
`,
  }
}

function rowOf({ environment, runtime, status }: Found, opened: readonly Opening[]) {
  const { id, name, template } = environment
  const reason = statusReason(environment, runtime, false)
  const action = actionFor(status)
  const button =
    action &&
    html`<form method="post" action="/environments/${id}"><button name="action" value="${action.toLowerCase()}">${action}</button></form>`
  return html`<tr><td><a href="/open/${id}">${name}</a></td><td>${template}</td>
<td>${reason === null ? status : `${status}: ${reason}`}${openedBy(opened.find((each) => each.environmentId === id))}</td>
<td>${button}</td></tr>\n`
}

function openedBy(opening: Opening | undefined) {
  if (!opening) return null
  const at = new Date(opening.at).toISOString().slice(0, 16).replace('T', ' ')
  return html`<br>${opening.userId}, an administrator, opened it at ${at} UTC.`
}

/** What a person may want now, beside opening it. */
function actionFor(status: Status): 'Start' | 'Stop' | null {
  switch (status) {
    case 'exited':
    case 'failed':
      return 'Start'
    case 'stopping':
    case 'unknown':
      return null
    default:
      return 'Stop'
  }
}
