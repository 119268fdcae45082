import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { Refusal, Unreachable } from './refusal.ts'
import { noteSignedOut } from './signed-out.ts'

const triesWhileAway = 10
const againAfterMs = 2_000

function onError(error: unknown): void {
  if (error instanceof Refusal && error.status === 401) noteSignedOut(true)
}

/** The page repeats no call that the service refused. While the service is away, it repeats calls and shows its last data. */
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
