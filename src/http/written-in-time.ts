import type { Writable } from 'node:stream'
import { startTimer } from '../lib/timer.ts'
import { written } from './download.ts'

/**
 * Writes a piece, and waits until the client has room for more. A client that takes nothing for so long is cut off.
 *
 * @throws Error if the client is gone, or was cut off
 */
export async function writtenInTime(raw: Writable, piece: Uint8Array, idleMs: number): Promise<void> {
  const tooLong = Promise.withResolvers<never>()
  const cut = () => {
    raw.destroy()
    tooLong.reject(new Error(`The client took nothing for ${idleMs / 1_000} seconds.`))
  }
  const cancel = startTimer(idleMs, cut, { unref: true })
  try {
    await Promise.race([written(raw, piece), tooLong.promise])
  } finally {
    cancel()
  }
}
