import { useMemo } from 'react'
import { navigate, useSearch } from 'wouter/use-browser-location'
import { withQuery } from './with-query.ts'

type Query = Record<string, string>

/** What the page's address says after `?`. The router's own hook decodes it twice: `a%2541b` would be `aAb`. */
export function useAddressQuery(): [URLSearchParams, (next: Query, options?: { replace?: boolean }) => void] {
  const text = useSearch()
  const query = useMemo(() => new URLSearchParams(text), [text])
  return [query, (next, options) => navigate(withQuery(location.pathname, next), options)]
}
