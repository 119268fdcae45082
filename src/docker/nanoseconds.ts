/**
 * An RFC 3339 time, as engines write it, in nanoseconds since the epoch. Exact: it never goes through a float. Pure.
 * @throws SyntaxError when the text is no such time
 */
export function nanosecondsOf(time: string): bigint {
  const [, seconds, fraction = '', zone] = /^([^.Z+]+?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(time) ?? []
  return BigInt(Date.parse(`${seconds}${zone}`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}
