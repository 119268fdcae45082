import { systemCode } from '../lib/system-code.ts'
import { ConfigError } from './config.ts'

/** Why something cannot start, and what the administrator does about it: empty if the reason says that already. */
export type Explanation = { why: string; cure: string }

/** The words for an error at the start. Pure. */
export function explain(error: unknown): Explanation {
  if (error instanceof ConfigError) {
    return {
      why: `The configuration is wrong:\n${error.message}`,
      cure: 'production.env.example explains each setting.',
    }
  }
  if (!(error instanceof Error)) return { why: String(error), cure: '' }
  if (systemCode(error) === 'EADDRINUSE') return takenPort(error)
  const { cause } = error
  // A lock that another process holds is told in full by the error itself.
  const reason = cause instanceof Error && systemCode(cause) !== 'SQLITE_BUSY' ? cause.message : null
  const why = reason === null ? error.message : `${error.message}\nThe reason: ${reason}`
  return { why, cure: diskWords(systemCode(error.cause ?? error) ?? '') }
}

/** Both, for a terminal or a log. */
export function inWords({ why, cure }: Explanation): string {
  return cure === '' ? why : `${why}\n${cure}`
}

function takenPort(error: Error & { port?: number }): Explanation {
  const find = error.port ? ` (ss -ltnp 'sport = :${error.port}' shows which)` : ''
  return {
    why: error.message,
    cure: `Another program, perhaps an earlier start of this service, listens there${find}. Stop it, or set another PORT or GATEWAY_PORT.`,
  }
}

function diskWords(code: string): string {
  const again = 'Make room: the next start goes on where this one was.'
  if (code === 'EDQUOT') return `The quota of the disk is used up. ${again}`
  if (['ENOSPC', 'SQLITE_FULL'].includes(code)) {
    return `The disk is full: df -h shows its room, df -i its inodes. ${again}`
  }
  // If the disk is full when the database is opened, the database says no more than that.
  return code.startsWith('SQLITE_IOERR')
    ? `The disk may be full or broken, or its quota used up: check it with df. ${again}`
    : ''
}
