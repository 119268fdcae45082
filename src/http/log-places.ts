import type { FastifyReply } from 'fastify'
import type { Caller } from '../domain/people/account.ts'
import { can } from '../domain/people/can.ts'
import { Problem } from '../domain/problem.ts'

// A followed log takes one of the 128 watchers that Linux has for the engine's user, for all people together.
const atMost = 20

/**
 * Takes a place for a followed log, until its answer ends. Administrators may have any number: frontends follow for many
 * people. What it gives throws Problem too-many-logs.
 */
export function createLogPlaces(): (caller: Caller, reply: FastifyReply) => void {
  const open = new Map<string, number>()
  return (caller, reply) => {
    if (can(caller, 'log:follow-without-limit')) return
    const { userId } = caller
    const count = open.get(userId) ?? 0
    if (count >= atMost) {
      const detail = `You follow ${atMost} logs already. Close some of them.`
      throw new Problem('too-many-logs', detail, { retryAfterSeconds: 5 })
    }
    open.set(userId, count + 1)
    reply.raw.once('close', () => {
      const left = (open.get(userId) ?? 1) - 1
      if (left > 0) open.set(userId, left)
      else open.delete(userId)
    })
  }
}
