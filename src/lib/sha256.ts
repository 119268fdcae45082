import { createHash } from 'node:crypto'

/** SHA-256 of a text, in lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** SHA-256 of a text, in base64, as a Content-Security-Policy names what it allows. */
export function sha256Base64(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
