import type { FastifyRequest } from 'fastify'

// A page from elsewhere can have its own name lead to this machine (DNS rebinding), but none of these.
const ownNames = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/** Whether a request comes from this machine, and no proxy that the settings do not name has handed it on. */
export function isLocal({ ip, headers }: FastifyRequest): boolean {
  const isLoopback = ip === '127.0.0.1' || ip === '::1' || ip === '::ffff:127.0.0.1'
  const isHandedOn = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined
  return isLoopback && !isHandedOn && ownNames.test(headers.host ?? 'localhost')
}
