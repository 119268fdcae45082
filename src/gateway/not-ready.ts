import { Problem } from '../domain/problem.ts'
import { systemCode } from '../lib/system-code.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from './refuse.ts'

const toldEveryMs = 60_000

/** SQLite's codes for a disk that fails or is full, a file that is broken or not there, and a lock that is not given. */
const ofDiskAndLock = /^SQLITE_(IOERR|BUSY|CANTOPEN|FULL|CORRUPT|NOTADB|READONLY|PROTOCOL)(_|$)/

/**
 * Puts the problem lab-not-ready in the place of the error of a database that cannot be read, and gives any other error as it is. The
 * log gets one line a minute at most: while a disk is away, each request fails.
 */
export function createOrNotReady({ clock, logger }: { clock: Pick<Clock, 'steady'>; logger: Pick<Log, 'error'> }) {
  let toldAt = Number.NEGATIVE_INFINITY
  return (error: unknown): unknown => {
    if (!ofDiskAndLock.test(systemCode(error) ?? '')) return error
    if (clock.steady() - toldAt >= toldEveryMs) {
      toldAt = clock.steady()
      logger.error({ err: error }, 'the gateway cannot read the records')
    }
    return notReady(error)
  }
}

export function notReady(cause: unknown): Problem {
  const detail = 'The gateway cannot read the records of the lab. The health of the service says more.'
  return new Problem('lab-not-ready', detail, { retryAfterSeconds: 5, cause })
}
