import { useMemo } from 'react'
import { useLocation } from 'wouter'
import { usePathname } from 'wouter/use-browser-location'
import { useMe } from '../api/me.ts'
import { pathOfService } from '../api/place.ts'
import { useAddressQuery } from '../parts/address-query.ts'
import { withQuery } from '../parts/with-query.ts'
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
  const [given] = useAddressQuery()
  const [, go] = useLocation()
  const view = { sort: sortingOf(given.get('sort')), search: given.get('search') ?? '' }
  return [
    view,
    (next) => {
      const { sort, search } = { ...view, ...next }
      const query = { ...(sort !== 'name' && { sort }), ...(search && { search }) }
      go(withQuery(addressOf(place), query), { replace: true })
    },
  ]
}
