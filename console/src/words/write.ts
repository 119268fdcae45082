/** Numbers, sizes and times in the reader's language and zone. */
import i18next from 'i18next'

/** Keeps each format that it makes: they are slow to make, and a table writes hundreds of times. */
function kept<Format, Option = void>(make: (language: string, option: Option) => Format): (option: Option) => Format {
  const formats = new Map<string, Format>()
  return (option) => {
    const { language } = i18next
    const key = `${language} ${option}`
    const format = formats.get(key) ?? make(language, option)
    formats.set(key, format)
    return format
  }
}

const timesAs = (options: Intl.DateTimeFormatOptions) => kept((language) => new Intl.DateTimeFormat(language, options))

const wholeTimeFormat = timesAs({ dateStyle: 'medium', timeStyle: 'medium' })
const wholeDateFormat = timesAs({ dateStyle: 'full' })
const dayFormat = timesAs({ day: 'numeric', month: 'short' })
const hourFormat = timesAs({ weekday: 'short', hour: 'numeric', minute: '2-digit' })
const minuteFormat = timesAs({ timeStyle: 'short' })
const clockFormat = timesAs({ timeStyle: 'medium' })
const numberFormat = kept(
  (language, decimals: number) => new Intl.NumberFormat(language, { maximumFractionDigits: decimals }),
)
const relativeFormat = kept(
  (language, numeric: 'auto' | 'always') => new Intl.RelativeTimeFormat(language, { numeric }),
)
const listFormat = kept((language) => new Intl.ListFormat(language, { type: 'conjunction' }))

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Bytes, to three digits: `512 MiB`, `1.46 GiB`. */
export function writeBytes(bytes: number): string {
  let [amount, unit] = [bytes, 0]
  while (Math.abs(amount) >= 1024 && unit < units.length - 1) {
    amount /= 1024
    unit += 1
  }
  return `${writeNumber(amount, unit === 0 ? 0 : amount < 10 ? 2 : amount < 100 ? 1 : 0)} ${units[unit]}`
}

export function writeNumber(value: number, decimals = 0): string {
  return numberFormat(decimals).format(value)
}

/** The whole time, to the second. */
export function writeTime(iso: string): string {
  return wholeTimeFormat().format(new Date(iso))
}

const steps: readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
]

/** How far a time is from now: `2 hours ago`, `in 5 minutes`; from a day on by the calendar: `yesterday` is the day before today. */
export function writeWhen(iso: string, nowMs: number): string {
  const ms = new Date(iso).getTime()
  const seconds = (ms - nowMs) / 1000
  const [unit, length] = steps.find(([, each]) => Math.abs(seconds) >= each) ?? (['second', 1] as const)
  if (unit === 'day') return relativeFormat('auto').format(dayOf(ms) - dayOf(nowMs), unit)
  return relativeFormat(unit === 'second' ? 'auto' : 'always').format(Math.trunc(seconds / length), unit)
}

/** The day in the reader's zone, as a number that grows by one a day. */
function dayOf(ms: number): number {
  const date = new Date(ms)
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000)
}

export function writeList(items: readonly string[]): string {
  return listFormat().format(items)
}

/** Hour and minute, of milliseconds since the epoch. */
export function writeMinute(ms: number): string {
  return minuteFormat().format(ms)
}

/** The time of the day, of milliseconds since the epoch. */
export function writeClock(ms: number): string {
  return clockFormat().format(ms)
}

/** A span of time in its two biggest units at most: `850 ms`, `4 min 3 s`, `2 h`. */
export function writeDuration(ms: number): string {
  if (ms < 1_000) return `${writeNumber(ms)} ms`
  const seconds = Math.round(ms / 1_000)
  const [h, min, s] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60]
  const parts =
    h > 0
      ? ([
          [h, 'h'],
          [min, 'min'],
        ] as const)
      : ([
          [min, 'min'],
          [s, 's'],
        ] as const)
  return parts.flatMap(([amount, unit]) => (amount > 0 ? [`${writeNumber(amount)} ${unit}`] : [])).join(' ')
}

/** The day, of milliseconds since the epoch. */
export function writeDay(ms: number): string {
  return dayFormat().format(ms)
}

/** The day of the week and the time, of milliseconds since the epoch. */
export function writeHour(ms: number): string {
  return hourFormat().format(ms)
}

/** How long ago, in whole units: `2 days ago`. */
export function writeAge(ms: number): string {
  return writeWhen(new Date(0).toISOString(), ms)
}

/** The day of a time, in words. */
export function writeDate(iso: string): string {
  return wholeDateFormat().format(new Date(iso))
}

/** The time of the day, to the minute. */
export function writeTimeOfDay(iso: string): string {
  return minuteFormat().format(new Date(iso))
}
