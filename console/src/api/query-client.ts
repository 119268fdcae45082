import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { Refusal, Unreachable } from './call.ts'
import { noteSignedOut } from './signed-out.ts'

const triesWhileAway = 10
const againAfterMs = 2_000

function onError(error: unknown): void {
  if (error instanceof Refusal && error.status === 401) noteSignedOut(true)
}

/** What the service refuses is not asked again; while it is away, the page asks again and shows what it had. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => error instanceof Unreachable && count < triesWhileAway,
      retryDelay: againAfterMs,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})
