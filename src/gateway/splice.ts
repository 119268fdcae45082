import type { Duplex } from 'node:stream'

// Once a side has ended, the other side has this long to say what it still has to say.
const farewellMs = 10_000

/**
 * Passes on all bytes between two sockets until both have ended. A side that takes nothing holds the other side up. If one
 * breaks off, so does the other.
 */
export function splice(one: Duplex, other: Duplex): void {
  passOn(one, other)
  passOn(other, one)
}

function passOn(from: Duplex, to: Duplex): void {
  from.on('data', (chunk: Buffer) => {
    if (!to.write(chunk)) from.pause()
  })
  to.on('drain', () => from.resume())
  from.once('end', () => {
    to.end()
    setTimeout(() => to.destroy(), farewellMs).unref()
  })
  from.once('close', () => {
    if (!from.readableEnded) to.destroy()
  })
  from.on('error', () => to.destroy())
}
