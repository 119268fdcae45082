import { useEffect, useRef } from 'react'
import { at } from './place.ts'

const againAfterMs = 3_000

/**
 * Follows a stream of the service while the component is shown and the page is not hidden. `path` null: follows nothing. `isEndless`: it is
 * opened again after an answer that is no stream, such as a 503.
 */
export function useStream(
  path: string | null,
  handlers: Record<string, (data: string) => void>,
  { isEndless = false }: { isEndless?: boolean } = {},
): void {
  const latest = useRef(handlers)
  latest.current = handlers
  const names = Object.keys(handlers).join(' ')
  useEffect(() => {
    if (path === null) return
    let stream: EventSource | null = null
    let timer: ReturnType<typeof setTimeout> | undefined

    function open(): void {
      if (stream || document.hidden) return
      stream = new EventSource(at(`api/${path}`))
      for (const name of names.split(' '))
        stream.addEventListener(name, (event) => latest.current[name]?.((event as MessageEvent<string>).data))
      stream.onerror = () => {
        // The browser itself tries again after a broken connection.
        if (!isEndless || stream?.readyState !== EventSource.CLOSED) return
        close()
        timer = setTimeout(open, againAfterMs)
      }
    }

    function close(): void {
      clearTimeout(timer)
      stream?.close()
      stream = null
    }

    const look = () => (document.hidden ? close() : open())
    look()
    document.addEventListener('visibilitychange', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      close()
    }
  }, [path, names, isEndless])
}
