import { useEffect, useRef } from 'react'
import { type Following, followStream } from './follow-stream.ts'

/** Follows a stream of the service while the component is shown. `path` null: follows nothing. */
export function useStream(path: string | null, following: Pick<Following, 'handlers' | 'isEndless' | 'onOpen'>): void {
  const latest = useRef(following)
  latest.current = following
  const names = Object.keys(following.handlers).join(' ')
  const { isEndless = false } = following
  useEffect(() => {
    if (path === null) return
    const handlers = names.split(' ').map((name) => [name, (data: string) => latest.current.handlers[name]?.(data)])
    return followStream(path, {
      handlers: Object.fromEntries(handlers),
      isEndless,
      onOpen: () => latest.current.onOpen?.(),
    })
  }, [path, names, isEndless])
}
