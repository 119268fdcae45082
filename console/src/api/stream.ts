import { useEffect, useRef } from 'react'
import { at } from './place.ts'

/** Follows a stream of the service while the component is shown. `path` null: follows nothing. */
export function useStream(path: string | null, handlers: Record<string, (data: string) => void>): void {
  const latest = useRef(handlers)
  latest.current = handlers
  const names = Object.keys(handlers).join(' ')
  useEffect(() => {
    if (path === null) return
    const stream = new EventSource(at(`api/${path}`))
    for (const name of names.split(' ')) {
      stream.addEventListener(name, (event) => latest.current[name]?.((event as MessageEvent<string>).data))
    }
    return () => stream.close()
  }, [path, names])
}
