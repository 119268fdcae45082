import { useQuery } from '@tanstack/react-query'
import type { Dataset } from './bodies.ts'
import { callForAll } from './call.ts'

export function useDatasets() {
  return useQuery({
    queryKey: ['datasets'],
    queryFn: ({ signal }) => callForAll<Dataset>('shared/datasets', { signal }),
  })
}
