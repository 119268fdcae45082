import { useSyncExternalStore } from 'react'

let hasBegun = false
const listeners = new Set<() => void>()

export function noteUploadsBegun(): void {
  if (hasBegun) return
  hasBegun = true
  for (const listener of listeners) listener()
}

/** Whether anything was uploaded from this page yet: only then its panel is loaded. */
export function useUploadsBegun(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => hasBegun,
  )
}
