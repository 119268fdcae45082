import { lazy, Suspense, useSyncExternalStore } from 'react'
import { areNoticesWanted, onNoticesWanted } from './tell.tsx'

const Corner = lazy(async () => ({ default: (await import('./notices-corner.tsx')).NoticesCorner }))

/** The corner of the page for notices. The first notice loads it. */
export function Notices() {
  if (!useSyncExternalStore(onNoticesWanted, areNoticesWanted)) return null
  return (
    <Suspense fallback={null}>
      <Corner />
    </Suspense>
  )
}
