import { useSyncExternalStore } from 'react'

/** `quiet`: nobody looks at the page. */
export type Connection = 'opening' | 'live' | 'lost' | 'quiet'

let connection: Connection = 'opening'
const listeners = new Set<() => void>()

export function tellConnection(next: Connection): void {
  connection = next
  for (const listener of listeners) listener()
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => connection,
  )
}
