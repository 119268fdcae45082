import { useSyncExternalStore } from 'react'

let isSignedOut = false
const listeners = new Set<() => void>()

export function noteSignedOut(next: boolean): void {
  if (next === isSignedOut) return
  isSignedOut = next
  for (const listener of listeners) listener()
}

/** Whether the service has answered that the session is over. */
export function useSignedOut(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isSignedOut,
  )
}
