import type { Rights } from '../accounts/rights.ts'
import type { Caller } from '../domain/people/account.ts'

type Closable = { destroy(): void; on(event: 'close', listener: () => void): unknown }

/**
 * Cuts connections when the right that opened them ends. Hundreds may be open under one right, and a signal walks through
 * all its listeners for each new one: so each right has one listener, and a set of what it cuts.
 */
export function createUnderRights(rights: Rights): (caller: Caller, connection: Closable) => void {
  const open = new WeakMap<AbortSignal, Set<Closable>>()

  function openUnder(signal: AbortSignal): Set<Closable> {
    const known = open.get(signal)
    if (known) return known
    const connections = new Set<Closable>()
    open.set(signal, connections)
    signal.addEventListener('abort', () => {
      for (const connection of connections) connection.destroy()
    })
    return connections
  }

  return (caller, connection) => {
    const right = rights.hold(caller)
    const connections = openUnder(right.signal).add(connection)
    if (right.signal.aborted) connection.destroy()
    connection.on('close', () => {
      connections.delete(connection)
      right[Symbol.dispose]()
    })
  }
}
