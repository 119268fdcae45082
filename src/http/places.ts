import type { FastifyReply } from 'fastify'
import type { Caller } from '../domain/people/account.ts'
import { can } from '../domain/people/can.ts'
import { Problem } from '../domain/problem.ts'

/**
 * The requests that cost more than a look into the database, and how many of each one person may have at a time.
 * Administrators may have more, because a frontend asks for many people with one token.
 */
export const kinds = {
  logs: { doing: 'read logs', each: 8, administrator: 40 },
  // Each one takes one of the 128 watchers that Linux gives the engine's user, for all people together.
  'followed-logs': { doing: 'follow logs', each: 20, administrator: 100 },
  stats: { doing: 'measure environments', each: 20, administrator: 100 },
  proofs: { doing: 'ask for proofs', each: 10, administrator: 40 },
  backups: { doing: 'look into backups', each: 4, administrator: 4 },
  // Each has a container of its own for as long as the client reads.
  'backup-downloads': { doing: 'download from backups', each: 1, administrator: 2 },
  events: { doing: 'follow environments', each: 50, administrator: 500 },
  // Each change of an environment is looked up once for each of them.
  'all-events': { doing: 'follow all environments', each: 10, administrator: 100 },
  files: { doing: 'use files', each: 20, administrator: 200 },
  // Each has a process of its own, of some 100 MiB.
  zips: { doing: 'make zip archives', each: 2, administrator: 20 },
  uploads: { doing: 'upload files', each: 6, administrator: 60 },
  waits: { doing: 'wait for environments', each: 20, administrator: 200 },
} as const satisfies Record<string, { doing: string; each: number; administrator: number }>

const retryAfterSeconds = 2

/** Takes a place for a request of that kind; dispose it when the request is done. @throws Problem too-many-at-once */
export type TakePlace = (kind: keyof typeof kinds, caller: Caller) => Disposable

export function createPlaces(): TakePlace {
  const taken = new Map<string, number>()
  return (kind, caller) => {
    const { doing, each, administrator } = kinds[kind]
    const atMost = can(caller, 'request:for-many') ? administrator : each
    const key = `${kind} ${caller.userId}`
    const count = taken.get(key) ?? 0
    if (count >= atMost) {
      const detail = `You ${doing} ${atMost} times at once already. Wait until one of them is done, or close one.`
      throw new Problem('too-many-at-once', detail, { retryAfterSeconds })
    }
    taken.set(key, count + 1)
    return { [Symbol.dispose]: () => leave(taken, key) }
  }
}

/** Keeps a place until the whole answer is sent, or its client is gone. */
export function untilClosed({ raw }: FastifyReply, place: Disposable): void {
  if (raw.closed) place[Symbol.dispose]()
  else raw.once('close', () => place[Symbol.dispose]())
}

function leave(taken: Map<string, number>, key: string): void {
  const left = (taken.get(key) ?? 0) - 1
  if (left > 0) taken.set(key, left)
  else taken.delete(key)
}
