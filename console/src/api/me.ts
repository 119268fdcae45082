import { useSuspenseQuery } from '@tanstack/react-query'
import type { Me } from './bodies.ts'
import { call } from './call.ts'

/** Whoever is signed in. */
export function useMe(): Me & { isAdmin: boolean } {
  const { data } = useSuspenseQuery({ queryKey: ['me'], queryFn: ({ signal }) => call<Me>('GET', 'me', { signal }) })
  return { ...data, isAdmin: data.role === 'admin' }
}
