import { Suspense, useSyncExternalStore } from 'react'
import { lazily } from './lazily.ts'
import { areNoticesWanted, onNoticesWanted } from './tell.tsx'

const Corner = lazily(async () => (await import('./notices-corner.tsx')).NoticesCorner, { inAdvance: true })

/** The corner of the page for notices. The page loads it in advance: many notices tell that the service is away. */
export function Notices() {
  if (!useSyncExternalStore(onNoticesWanted, areNoticesWanted)) return null
  return (
    <Suspense fallback={null}>
      <Corner />
    </Suspense>
  )
}
