import { useCallback, useMemo } from 'react'
import { useAddressQuery } from '../parts/address-query.ts'
import { type Filter, filterOf, queryOf } from './matching.ts'

/** The filter is in the address: it can be kept, sent, and linked to. */
export function useFilter(): [Filter, (changed: Partial<Filter>) => void] {
  const [params, setParams] = useAddressQuery()
  const filter = useMemo(() => filterOf(params), [params])
  const change = useCallback(
    (changed: Partial<Filter>) => setParams((now) => queryOf({ ...filterOf(now), ...changed }), { replace: true }),
    [setParams],
  )
  return [filter, change]
}
