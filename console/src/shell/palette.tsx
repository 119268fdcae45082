import { useHotkeys } from '@mantine/hooks'
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react'
import type { PageEntry } from '../pages.ts'

const load = () => import('./palette-dialog.tsx')
const Dialog = lazy(async () => ({ default: (await load()).PaletteDialog }))
const loadedAheadAfterMs = 3_000

/** How often it was asked for: the first time loads it. */
let asked = 0
const listeners = new Set<() => void>()

export function openPalette(): void {
  asked += 1
  for (const listener of listeners) listener()
}

/**
 * Goes to any page, environment or person, and acts on them, from the keyboard (Ctrl-K). It is loaded when the page is at rest, so that
 * whoever types at once after Ctrl-K loses no letter.
 */
export function Palette({ pages }: { pages: readonly PageEntry[] }) {
  const [before] = useState(asked)
  const now = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => asked,
  )
  useHotkeys([
    ['mod+K', openPalette],
    ['/', openPalette],
  ])
  useEffect(() => {
    const timer = setTimeout(() => load().catch(() => {}), loadedAheadAfterMs) // without it, the press loads it
    return () => clearTimeout(timer)
  }, [])
  if (now === before) return null
  return (
    <Suspense fallback={null}>
      <Dialog pages={pages} asked={now} />
    </Suspense>
  )
}
