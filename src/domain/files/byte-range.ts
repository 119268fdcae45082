/** The header Range, RFC 9110, 14. Pure. */

/** A part of a file, from `start` up to before `end`. */
export type ByteRange = { start: number; end: number }

const oneRange = /^bytes\s*=\s*(\d{0,15})-(\d{0,15})$/i

/**
 * The part that a request asks for; null for the whole file, also if the header names several parts or cannot be read: a server
 * may ignore it then. `none` if the file has no such part.
 */
export function byteRange(header: string | undefined, sizeBytes: number): ByteRange | null | 'none' {
  const [, first, last] = oneRange.exec(header?.trim() ?? '') ?? []
  if (first === undefined || last === undefined || first + last === '') return null
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes)
    return length === 0 ? 'none' : { start: sizeBytes - length, end: sizeBytes }
  }
  const start = Number(first)
  const end = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes)
  if (last !== '' && Number(last) < start) return null
  return start >= sizeBytes ? 'none' : { start, end }
}
