import { z } from 'zod'

const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const sizeUnits = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const

type Bounds = { atLeast: string; atMost: string }

/** A duration such as `250ms`, `60s`, `30m`, `24h` within bounds; parsed to milliseconds. */
export function durationMs(bounds: Bounds) {
  return z
    .string()
    .regex(/^\d+(ms|s|m|h|d)$/, 'write a duration such as 250ms, 60s, 30m or 24h')
    .transform((text) => amount(text, durationUnits))
    .refine((ms) => isWithin(ms, bounds), `write at least ${bounds.atLeast} and at most ${bounds.atMost}`)
}

/** A time limit as a duration. `off` means never, and is parsed to null. */
export const limitMs = z
  .string()
  .regex(/^(off|\d+(ms|s|m|h|d))$/, 'write a duration such as 30m or 12h, or off')
  .transform((text) => (text === 'off' ? null : amount(text, durationUnits)))
  .refine(
    (ms) => ms === null || isWithin(ms, { atLeast: '1s', atMost: '365d' }),
    'write at least 1s and at most 365d, or off to switch it off',
  )

function isWithin(ms: number, { atLeast, atMost }: Bounds): boolean {
  return ms >= amount(atLeast, durationUnits) && ms <= amount(atMost, durationUnits)
}

/** A size such as `512MiB` or `8GiB`; parsed to bytes. */
export const sizeBytes = z
  .string()
  .regex(/^\d+(B|KiB|MiB|GiB|TiB)$/, 'write a size such as 512MiB or 8GiB')
  .transform((text) => amount(text, sizeUnits))
  .refine(Number.isSafeInteger, 'write a size of at most 8191TiB')

function amount(text: string, units: Record<string, number>): number {
  const [, digits = '', unit = ''] = /^(\d+)(\D+)$/.exec(text) ?? []
  return Number(digits) * (units[unit] ?? Number.NaN)
}
