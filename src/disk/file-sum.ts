import { createReadStream } from 'node:fs'
import { sha256OfPieces } from '../lib/sha256.ts'

/** SHA-256 of a file's content, in lower-case hex. */
export function fileSum(file: string): Promise<string> {
  return sha256OfPieces(createReadStream(file))
}
