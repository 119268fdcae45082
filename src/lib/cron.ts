import { Cron } from 'croner'

/** A cron expression of five fields, in the time zone of the process. */
export type CronExpression = string

/** Whether a text is such an expression, and comes true at some time. */
export function isCron(text: string): boolean {
  try {
    return text.trim().split(/\s+/).length === 5 && nextRun(text, 0) !== null
  } catch {
    return false // croner's words are for programmers
  }
}

/** The first moment after `afterMs` at which it comes true; null: never. Milliseconds since the epoch. */
export function nextRun(expression: CronExpression, afterMs: number): number | null {
  return new Cron(expression, { paused: true }).nextRun(new Date(afterMs))?.getTime() ?? null
}
