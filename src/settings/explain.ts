import { systemCode } from '../lib/system-code.ts'
import { ConfigError } from './config.ts'

/** Why the service ended, in words for the person who started it. Pure. */
export function explain(error: unknown): string {
  if (error instanceof ConfigError) return `The configuration is wrong:\n${error.message}`
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `${error.message}\nAnother program listens there. Stop it, or set PORT.`
  }
  if (!(error instanceof Error)) return String(error)
  const words = error.cause instanceof Error ? `${error.message}\nThe reason: ${error.cause.message}` : error.message
  return [words, ...diskWords(systemCode(error.cause ?? error) ?? '')].join('\n')
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
