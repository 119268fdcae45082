import { useQuery } from '@tanstack/react-query'
import type { Templates } from './bodies.ts'
import { call } from './call.ts'

/** The templates, and what the tier of the person allows. */
export function useTemplates() {
  return useQuery({
    queryKey: ['templates'],
    queryFn: ({ signal }) => call<Templates>('GET', 'templates', { signal }),
  })
}
