import { useMemo, useRef } from 'react'
import type { Environment } from '../api/bodies.ts'
import type { Sort } from '../parts/rows.tsx'
import { type Sorted, type SortKey, sorted } from './order.ts'

/** The list in that order. It sorts on from the last order. */
export function useSorted(list: readonly Environment[], sort: Sort<SortKey>): readonly Environment[] {
  const last = useRef<Sorted>(undefined)
  return useMemo(() => {
    last.current = sorted(list, sort, last.current)
    return last.current.items
  }, [list, sort])
}
