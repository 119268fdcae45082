import { randomBytes, randomUUID } from 'node:crypto'

/** A secret of 256 random bits, safe in URLs and headers. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Random bytes for names. */
export function randomOctets(count: number): Uint8Array {
  return randomBytes(count)
}

export { randomUUID }
