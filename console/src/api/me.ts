import { useSuspenseQuery } from '@tanstack/react-query'
import type { Me } from './bodies.ts'
import { call } from './call.ts'
import { isPageOf, leavePage } from './page-owner.ts'

/** Whoever is signed in. If that is another person than before, the page is loaded anew, and the answer never comes. */
export async function askMe(signal?: AbortSignal): Promise<Me> {
  const me = await call<Me>('GET', 'me', { ...(signal && { signal }) })
  if (isPageOf(me.user_id)) return me
  leavePage()
  return new Promise(() => {})
}

/** Whoever is signed in. */
export function useMe(): Me & { isAdmin: boolean } {
  const { data } = useSuspenseQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => askMe(signal),
    refetchOnWindowFocus: 'always', // somebody may have signed in elsewhere in this browser
  })
  return { ...data, isAdmin: data.role === 'admin' }
}
