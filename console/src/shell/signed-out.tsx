import { lazy, Suspense } from 'react'
import { useSignedOut } from '../api/signed-out.ts'

const SessionEnded = lazy(async () => ({ default: (await import('./session-ended.tsx')).SessionEnded }))

/** Lets a person sign in again; loaded when their session has ended. */
export function SignedOut() {
  if (!useSignedOut()) return null
  return (
    <Suspense fallback={null}>
      <SessionEnded />
    </Suspense>
  )
}
