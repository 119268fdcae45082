import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Answers are data. These headers keep a browser from running an answer, showing it in a frame, guessing another type for
 * it, or giving it to a page of another origin. And they keep caches from storing it: an answer is for one person. A route whose answer
 * is for everybody says so itself.
 */
const ofAnswers = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** For the pages at `/docs`, which run the service's own scripts, and ask the service itself only. */
export const policyOfPages = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
}

export function setHeaders({ id }: FastifyRequest, reply: FastifyReply): void {
  reply.headers(ofAnswers).header('x-request-id', id)
}
