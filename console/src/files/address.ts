import { useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'
import { usePathname } from 'wouter/use-browser-location'
import { useMe } from '../api/me.ts'
import { pathOfService } from '../api/place.ts'
import { type Sorting, sortingOf } from './list-state.ts'
import { addressOf, namesBelow, type Place, placeOf, type Root, trashRootOf } from './place.ts'

/** The names in this page's address below one of the console's pages. */
function useNamesBelow(page: string): string[] {
  const address = usePathname()
  return useMemo(() => namesBelow(address, `${pathOfService}${page}`), [address, page])
}

export function usePlace(kind: Root['kind']): Place | null {
  const { user_id } = useMe()
  const names = useNamesBelow(`/console/files/${kind}`)
  return useMemo(() => placeOf(kind, names, user_id), [kind, user_id, names])
}

/** Whose trash the address names; one's own unless it says otherwise. */
export function useTrashRoot(): Root | null {
  const { user_id } = useMe()
  const names = useNamesBelow('/console/files/trash')
  return useMemo(() => trashRootOf(names, user_id), [names, user_id])
}

export type View = { sort: Sorting; search: string }

/** How the list is shown, which its address says too: a page that is loaded again is the same. */
export function useView(place: Place): [View, (next: Partial<View>) => void] {
  // The router's own hook decodes too much: `%26` in a search would be `&`.
  useSearch()
  const [, go] = useLocation()
  const given = new URLSearchParams(location.search)
  const view = { sort: sortingOf(given.get('sort')), search: given.get('search') ?? '' }
  return [
    view,
    (next) => {
      const { sort, search } = { ...view, ...next }
      const query = new URLSearchParams({ ...(sort !== 'name' && { sort }), ...(search && { search }) }).toString()
      go(`${addressOf(place)}${query && `?${query}`}`, { replace: true })
    },
  ]
}
