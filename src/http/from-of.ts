import type { FastifyRequest } from 'fastify'
import type { From } from '../accounts/sessions.ts'

/** Where a person signs in from. */
export function fromOf({ ip, headers }: FastifyRequest): From {
  return { address: ip, client: headers['user-agent'] }
}
