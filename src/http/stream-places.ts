import type { FastifyReply } from 'fastify'
import type { Caller } from '../domain/account.ts'
import { Problem } from '../domain/problem.ts'

/** Takes a place for an answer that streams, until it ends. @throws Problem too-many-streams */
export type TakePlace = (caller: Caller, reply: FastifyReply) => void

// For each, five environments in four windows. A followed log takes one of the 128 watchers that Linux has for the engine.
const atMost = 20

/** Bounds how many streams one person has open. Administrators may have any number: frontends follow for many people. */
export function createStreamPlaces(): TakePlace {
  const open = new Map<string, number>()
  return ({ userId, role }, reply) => {
    if (role === 'admin') return
    const count = open.get(userId) ?? 0
    if (count >= atMost) {
      throw new Problem('too-many-streams', `You follow ${atMost} logs and events already. Close some of them.`, {
        retryAfterSeconds: 5,
      })
    }
    open.set(userId, count + 1)
    reply.raw.once('close', () => {
      const left = (open.get(userId) ?? 1) - 1
      if (left > 0) open.set(userId, left)
      else open.delete(userId)
    })
  }
}
