/** Numbers, sizes and times in the reader's language and zone. */
import i18next from 'i18next'

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Bytes with three digits that count: `512 MiB`, `1.46 GiB`. */
export function writeBytes(bytes: number): string {
  let [amount, unit] = [bytes, 0]
  while (Math.abs(amount) >= 1024 && unit < units.length - 1) {
    amount /= 1024
    unit += 1
  }
  return `${writeNumber(amount, unit === 0 ? 0 : amount < 10 ? 2 : amount < 100 ? 1 : 0)} ${units[unit]}`
}

export function writeNumber(value: number, decimals = 0): string {
  return new Intl.NumberFormat(i18next.language, { maximumFractionDigits: decimals }).format(value)
}

/** The whole time, to the second. */
export function writeTime(iso: string): string {
  return new Intl.DateTimeFormat(i18next.language, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso))
}

const steps: readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
]

/** How far a time is from now: `2 hours ago`, `in 5 minutes`. */
export function writeWhen(iso: string, nowMs: number): string {
  const seconds = (new Date(iso).getTime() - nowMs) / 1000
  const [unit, length] = steps.find(([, each]) => Math.abs(seconds) >= each) ?? (['second', 1] as const)
  return new Intl.RelativeTimeFormat(i18next.language, { numeric: 'auto' }).format(Math.trunc(seconds / length), unit)
}

export function writeList(items: readonly string[]): string {
  return new Intl.ListFormat(i18next.language, { type: 'conjunction' }).format(items)
}

/** Hour and minute, of milliseconds since the epoch. */
export function writeMinute(ms: number): string {
  return new Intl.DateTimeFormat(i18next.language, { timeStyle: 'short' }).format(ms)
}

/** The time of the day, of milliseconds since the epoch. */
export function writeClock(ms: number): string {
  return new Intl.DateTimeFormat(i18next.language, { timeStyle: 'medium' }).format(ms)
}
