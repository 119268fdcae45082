import { useCallback, useMemo } from 'react'
import { navigate, useSearch } from 'wouter/use-browser-location'
import { withQuery } from './with-query.ts'

type Query = Record<string, string>
/** A query, or the way from the one in the address to the next. */
type Next = Query | ((now: URLSearchParams) => Query)

/** The query of the page's address. The router's own hook decodes it twice: `a%2541b` would be `aAb`. */
export function useAddressQuery(): [URLSearchParams, (next: Next, options?: { replace?: boolean }) => void] {
  const text = useSearch()
  const query = useMemo(() => new URLSearchParams(text), [text])
  const set = useCallback((next: Next, options?: { replace?: boolean }) => {
    const given = typeof next === 'function' ? next(new URLSearchParams(location.search)) : next
    navigate(withQuery(location.pathname, given), options)
  }, [])
  return [query, set]
}
