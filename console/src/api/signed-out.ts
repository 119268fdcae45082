import { useSyncExternalStore } from 'react'

let signedOut = false
const listeners = new Set<() => void>()

export function noteSignedOut(next: boolean): void {
  if (next === signedOut) return
  signedOut = next
  for (const listener of listeners) listener()
}

/** True once the service has answered that the session is over. */
export function isSignedOut(): boolean {
  return signedOut
}

export function useSignedOut(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, isSignedOut)
}
