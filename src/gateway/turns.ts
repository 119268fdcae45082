import type { Socket } from 'node:net'

/** Measured with 500 connections: 4 and 16 carry fewer requests. */
const atMost = 8
/** To stop and start the reading of a connection takes calls of the kernel, which few connections do not repay. */
const whileNobodyWaits = 64

type Kept = Pick<Socket, 'pause' | 'resume'>

/**
 * Lets the next requests of kept connections come in turns: tell it of each connection that was answered. Once more than 64 are
 * answered in a turn of the event loop, it leaves eight in each turn to be read; the others wait for the turns after it, in their
 * order, until none is left.
 *
 * Node reads every connection that has a request before it looks at the first answer. With 500 of them the processor's cache and
 * V8's space for new objects hold what belongs to a request no longer when its answer comes, and a request costs half as much
 * again. A connection that waits here is read by nobody, and so holds nothing.
 */
export function createTurns(): (connection: Kept) => void {
  // A set: to resume a connection twice could lose the first octets of a WebSocket that it has become meanwhile.
  const waiting = new Set<Kept>()
  let read = 0
  let isSet = false

  function set(): void {
    if (isSet) return
    isSet = true
    setImmediate(turn)
  }

  function turn(): void {
    isSet = false
    read = 0
    for (const connection of waiting) {
      if (read === atMost) break
      waiting.delete(connection)
      connection.resume()
      read += 1
    }
    if (read > 0) set()
  }

  return (connection) => {
    set()
    if (read < (waiting.size === 0 ? whileNobodyWaits : atMost)) read += 1
    else {
      connection.pause()
      waiting.add(connection)
    }
  }
}
