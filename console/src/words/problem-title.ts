import i18next from 'i18next'
import type { ProblemCode } from '../../../src/domain/problem.ts'

/** The title of a problem of the service in the reader's language; other words for a code that this page does not know yet. */
export function problemTitle(code: string, whenUnknown: string): string {
  return i18next.t(`problems.${code as ProblemCode}`, { defaultValue: whenUnknown })
}
