import { useHotkeys } from '@mantine/hooks'
import { Suspense, useState, useSyncExternalStore } from 'react'
import type { PageEntry } from '../pages.ts'
import { lazily } from '../parts/lazily.ts'

const Dialog = lazily(async () => (await import('./palette-dialog.tsx')).PaletteDialog, { inAdvance: true })

/** How often it was asked for: the first time loads it. */
let asked = 0
const listeners = new Set<() => void>()

export function openPalette(): void {
  asked += 1
  for (const listener of listeners) listener()
}

/**
 * Goes to any page, environment or person, and acts on them, from the keyboard (Ctrl-K). It is loaded soon after the page, so that
 * a person who types right after Ctrl-K loses no letter.
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
  useHotkeys([['mod+K', openPalette]], []) // in fields too
  if (now === before) return null
  return (
    <Suspense fallback={null}>
      <Dialog pages={pages} asked={now} />
    </Suspense>
  )
}
