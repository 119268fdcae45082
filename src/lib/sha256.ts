import { createHash, type Hash, hash } from 'node:crypto'

/** SHA-256 of a text, in lower-case hex. */
export function sha256(text: string): string {
  return hash('sha256', text)
}

/** SHA-256 of a text, in base64, as a Content-Security-Policy names what it allows. */
export function sha256Base64(text: string): string {
  return hash('sha256', text, 'base64')
}

/** For a SHA-256 of bytes that come piece by piece, beside other work. */
export function createSha256(): Hash {
  return createHash('sha256')
}

/** SHA-256 of bytes that come piece by piece, in lower-case hex. */
export async function sha256OfPieces(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const sum = createHash('sha256')
  for await (const piece of pieces) sum.update(piece)
  return sum.digest('hex')
}
