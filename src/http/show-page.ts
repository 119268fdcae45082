import type { FastifyReply } from 'fastify'
import { type Html, html, openerPolicy, pageOf, policyOfForms } from '../wire/html-page.ts'

export type Page = { title: string; body: Html }

/** Answers with a page that may have forms. */
export function show(reply: FastifyReply, { title, body }: Page): FastifyReply {
  return reply
    .headers({
      ...openerPolicy,
      'content-security-policy': policyOfForms,
      // With `no-referrer` the form would come with `Origin: null`, which counts as another origin.
      'referrer-policy': 'same-origin',
    })
    .type('text/html; charset=utf-8')
    .serializer(String)
    .send(pageOf(title, body))
}

export const alert = (words: string | undefined) => (words ? html`<p role="alert">${words}</p>` : null)
