import { Suspense } from 'react'
import { useSignedOut } from '../api/signed-out.ts'
import { lazily } from '../parts/lazily.ts'

const SessionEnded = lazily(async () => (await import('./session-ended.tsx')).SessionEnded, { inAdvance: true })

/** Lets a person sign in again; loaded when their session has ended. */
export function SignedOut() {
  if (!useSignedOut()) return null
  return (
    <Suspense fallback={null}>
      <SessionEnded />
    </Suspense>
  )
}
