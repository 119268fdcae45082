import { systemCode } from '../lib/system-code.ts'
import { ConfigError } from './config.ts'

/** Why the service ended, in words for the person who started it. Pure. */
export function explain(error: unknown): string {
  if (error instanceof ConfigError) {
    return `The configuration is wrong:\n${error.message}\nproduction.env.example explains each setting.`
  }
  if (!(error instanceof Error)) return String(error)
  if (systemCode(error) === 'EADDRINUSE') return takenPort(error)
  const { cause } = error
  // A lock that another process holds is told in full by the error itself.
  const reason = cause instanceof Error && systemCode(cause) !== 'SQLITE_BUSY' ? cause.message : null
  const words = reason === null ? error.message : `${error.message}\nThe reason: ${reason}`
  return [words, ...diskWords(systemCode(error.cause ?? error) ?? '')].join('\n')
}

function takenPort(error: Error & { port?: number }): string {
  const find = error.port ? ` (ss -ltnp 'sport = :${error.port}' shows which)` : ''
  return `${error.message}\nAnother program, perhaps an earlier start of this service, listens there${find}. Stop it, or set another PORT or GATEWAY_PORT.`
}

function diskWords(code: string): string[] {
  const again = 'Make room, and start the service again: it goes on where it was.'
  if (code === 'EDQUOT') return [`The quota of the disk is used up. ${again}`]
  if (['ENOSPC', 'SQLITE_FULL'].includes(code)) return [`The disk is full. ${again}`]
  // If the disk is full when the database is opened, the database says no more than that.
  return code.startsWith('SQLITE_IOERR')
    ? [`The disk may be full or broken, or its quota used up: check it with df. ${again}`]
    : []
}
