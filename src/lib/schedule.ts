import { Cron } from 'croner'

/** The first time after a moment that a cron expression names, in the machine's time zone; null if there is none. */
export function nextTime(expression: string, after: number): number | null {
  return new Cron(expression).nextRun(new Date(after))?.getTime() ?? null
}

/** Whether a text is a cron expression: minute, hour, day, month, weekday. */
export function isSchedule(expression: string): boolean {
  try {
    new Cron(expression, { mode: '5-part' })
    return true
  } catch {
    return false
  }
}
