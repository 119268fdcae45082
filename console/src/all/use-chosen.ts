import { useCallback, useMemo, useRef, useState } from 'react'
import type { Environment } from '../api/bodies.ts'
import type { Selection } from '../parts/rows.tsx'
import { chosenAfter } from './plan.ts'

/** The environments that the person has chosen among those shown. An act leaves out the environments that the filter hides. */
export function useChosen(shown: readonly Environment[]): {
  chosen: readonly Environment[]
  selection: Selection
  clear: () => void
} {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const last = useRef<string | null>(null)
  const now = useRef({ shown, ids })
  now.current = { shown, ids }
  const chosen = useMemo(() => (ids.size === 0 ? [] : shown.filter(({ id }) => ids.has(id))), [shown, ids])

  const choose = useCallback((id: string, isChosen: boolean, isRange: boolean) => {
    const { shown, ids } = now.current
    const order = isRange ? shown.map((each) => each.id) : []
    setIds(chosenAfter(ids, { id, isChosen, isRange }, { order, last: last.current }))
    last.current = id
  }, [])

  const chooseAll = useCallback(
    (isChosen: boolean) => setIds(new Set(isChosen ? now.current.shown.map(({ id }) => id) : [])),
    [],
  )
  const all = chosen.length === 0 ? 'none' : chosen.length === shown.length ? 'all' : 'some'
  const labelOf = useCallback((id: string) => {
    const environment = now.current.shown.find((each) => each.id === id)
    return environment ? `${environment.name}, ${environment.user_id}` : id
  }, [])
  const selection = useMemo<Selection>(
    () => ({ isChosen: (id) => ids.has(id), choose, all, chooseAll, labelOf }),
    [ids, choose, all, chooseAll, labelOf],
  )
  const clear = useCallback(() => setIds(new Set()), [])
  return { chosen, selection, clear }
}
