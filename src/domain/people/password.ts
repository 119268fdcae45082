import { Problem } from '../problem.ts'
import type { UserId } from './user-id.ts'

const shortest = 12
/** Nothing longer is ever a password. */
export const longestPassword = 1024

const rule = `A password has ${shortest} to ${longestPassword} characters and is not the user id. Nothing else is asked of it.`

/** @throws Problem invalid-request, in the words of the rule, if a person may not have that password */
export function requirePassword(password: string, of: UserId): void {
  const { length } = Array.from(password.normalize('NFKC')) // characters, where `length` counts UTF-16 units
  if (length >= shortest && length <= longestPassword && password.toLowerCase() !== of) return
  throw new Problem('invalid-request', rule, { errors: [{ pointer: '/password', detail: rule }] })
}
