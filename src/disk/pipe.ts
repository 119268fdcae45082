import { readFileSync, writeSync } from 'node:fs'

/** Everything on the standard input. */
export function readInput(): string {
  return readFileSync(0, 'utf8')
}

/** Writes a line to the standard output at once. @throws EPIPE if nobody reads it any more */
export function writeLine(text: string): void {
  writeSync(1, `${text}\n`)
}

/** Writes all of them to the standard output, and waits as long as the reader does. @throws EPIPE if nobody reads it any more */
export function writeBytes(bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at)
}
