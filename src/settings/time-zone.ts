/** The time zone of the process: of its log and its schedules. */

/** Gives this process the time zone of the files of settings, unless its environment has one. Call it before the log begins. */
export function haveTimeZone(
  { fromFile, fromDotEnv }: Record<'fromFile' | 'fromDotEnv', Record<string, string>>,
  env: NodeJS.ProcessEnv = process.env,
): void {
  const zone = fromFile.TZ || fromDotEnv.TZ
  if (zone) env.TZ ||= zone
}

/** Whether a text names a time zone, such as Europe/Berlin. */
export function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat(undefined, { timeZone: text })
    return true
  } catch {
    return false
  }
}
