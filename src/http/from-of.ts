import type { FastifyRequest } from 'fastify'
import type { From } from '../accounts/sessions.ts'
import type { SecretCookie } from '../wire/secret-cookie.ts'

/** Where the person who sends this request signs in from. */
export function fromOf({ ip, headers }: FastifyRequest, cookie: Pick<SecretCookie, 'read'>): From {
  return { address: ip, client: headers['user-agent'], earlierSecret: cookie.read(headers.cookie) }
}
