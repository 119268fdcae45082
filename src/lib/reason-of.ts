import { getSystemErrorMessage } from 'node:util'
import { printable } from './printable.ts'

/** Why something failed, in words. For a system error without its path, which can contain anything. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error))
  if ('errno' in error && typeof error.errno === 'number') return getSystemErrorMessage(error.errno)
  return printable(error.message)
}
