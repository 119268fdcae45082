import { readFileSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'

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

/**
 * The first line of the standard input, as JSON. The process ends as soon as that input closes: whoever gave the order has ended, perhaps
 * by kill -9.
 */
export async function readOrder(): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<string>()
  createInterface({ input: process.stdin })
    .once('line', resolve)
    .once('close', () => process.exit(1))
  return JSON.parse(await promise)
}
