/** The pages on the way to an environment, for people. They have no script: where something changes, they look again by themselves. */
import type { Environment, Status } from '../../domain/environment/environment.ts'
import { statusReason } from '../../domain/environment/status.ts'
import { type Problem, problems } from '../../domain/problem.ts'
import type { Found } from '../../environments/find.ts'
import { type Html, html } from '../../wire/html-page.ts'
import type { Page } from '../show-page.ts'

const titles = {
  pending: 'waits to start',
  pulling: 'is being fetched',
  creating: 'is starting',
  starting: 'is starting',
  running: 'is starting',
  paused: 'resumes',
  exited: 'is starting',
  stopping: 'is stopping',
  failed: 'has failed',
  unknown: 'cannot be reached now',
} as const satisfies Record<Status, string>

const home = html`<p><a href="/">Your environments</a></p>`

/** How far an environment is that starts. */
export function waitingPage({ environment, status, runtime }: Found): Page {
  const words = statusReason(environment, runtime, false)
  const percent = runtime.pull?.percent ?? null
  return page(`${environment.name} ${titles[status]}`, [
    words === null ? null : html`<p>${words}</p>`,
    percent === null
      ? null
      : html`<p>Its image: ${String(percent)} % <progress max="100" value="${String(percent)}"></progress></p>`,
    html`<p>This page opens it as soon as it runs.</p>`,
  ])
}

/** Why an environment failed, and a button that tries again. */
export function failedPage({ environment, status, runtime }: Found, next: string | null): Page {
  return page(`${environment.name} ${titles[status]}`, [
    html`<p>${statusReason(environment, runtime, false) ?? 'Nobody knows why.'}</p>`,
    form(environment, next, 'Try again'),
    html`<p>Your files are safe: they are not in the environment itself.</p>`,
  ])
}

/** Says that an environment was stopped or paused while a page waited for it, and has a button that starts it all the same. */
export function stoppedPage({ environment, runtime }: Found, next: string | null): Page {
  const words = statusReason(environment, runtime, false)
  return page(`${environment.name} was ${environment.desired} meanwhile`, [
    words === null ? null : html`<p>${words}</p>`,
    form(environment, next, 'Start it again'),
  ])
}

/** Asks an administrator whether to open another person's environment. */
export function askPage(environment: Pick<Environment, 'id' | 'name' | 'userId'>, next: string | null): Page {
  const { name, userId } = environment
  return page(`${name} belongs to ${userId}`, [
    html`<p>If you open it, you act in it as <strong>${userId}</strong>. It is recorded, and they can see that you did.</p>`,
    form(environment, next, 'Open it all the same'),
  ])
}

/** Goes on by itself. */
export function onwardPage({ name }: Pick<Environment, 'name'>, path: string): Page {
  return page(name, [html`<p><a href="${path}">Open ${name}</a></p>`])
}

export function problemPage({ code, detail }: Problem): Page {
  return page(problems[code].title, [html`<p>${detail}</p>`])
}

function form({ id }: Pick<Environment, 'id'>, next: string | null, button: string): Html {
  const query = next === null ? '' : `?next=${encodeURIComponent(next)}`
  return html`<form method="post" action="/open/${id}${query}"><button>${button}</button></form>`
}

function page(title: string, parts: readonly (Html | null)[]): Page {
  const shown = [...parts, home].flatMap((part) => (part === null ? [] : [html`${part}\n`]))
  return { title, body: html`<h1>${title}</h1>\n${shown}` }
}
