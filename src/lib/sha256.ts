import { hash } from 'node:crypto'

/** SHA-256 of a text, in lower-case hex. */
export function sha256(text: string): string {
  return hash('sha256', text)
}

/** SHA-256 of a text, in base64, as a Content-Security-Policy names what it allows. */
export function sha256Base64(text: string): string {
  return hash('sha256', text, 'base64')
}
