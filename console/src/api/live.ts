import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import type { Environment } from './bodies.ts'
import { noteEnvironment, noteGone } from './environments.ts'
import { at } from './place.ts'

/** `quiet`: nobody looks at the page. */
export type Connection = 'opening' | 'live' | 'lost' | 'quiet'

let connection: Connection = 'opening'
const listeners = new Set<() => void>()

function tell(next: Connection): void {
  connection = next
  for (const listener of listeners) listener()
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => connection,
  )
}

const againAfterMs = 3_000

/**
 * Keeps what is shown of environments up to date by what the service tells: one's own, for administrators everybody's. A hidden page holds no stream: browsers open only six
 * connections to a server, and people open many pages.
 */
export function useLiveEnvironments(): void {
  const client = useQueryClient()
  useEffect(() => {
    let stream: EventSource | null = null
    let timer: ReturnType<typeof setTimeout> | undefined

    function open(): void {
      if (stream || document.hidden) return
      stream = new EventSource(at('api/events'))
      stream.onopen = () => {
        tell('live')
        // The stream tells only of changes from now on. A list that is read page after page is not one of them.
        client.invalidateQueries({ predicate: ({ meta }) => meta?.isPaged !== true })
      }
      stream.addEventListener('environment', ({ data }) => noteEnvironment(client, JSON.parse(data) as Environment))
      stream.addEventListener('gone', ({ data }) => noteGone(client, (JSON.parse(data) as { id: string }).id))
      stream.onerror = () => {
        // The browser itself tries again after a broken connection, but not after an answer that is no stream.
        if (stream?.readyState !== EventSource.CLOSED) return tell('lost')
        close()
        tell('lost')
        client.invalidateQueries({ queryKey: ['me'] })
        timer = setTimeout(open, againAfterMs)
      }
    }

    function close(): void {
      clearTimeout(timer)
      stream?.close()
      stream = null
    }

    function look(): void {
      if (document.hidden) {
        close()
        tell('quiet')
      } else open()
    }

    open()
    document.addEventListener('visibilitychange', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      close()
    }
  }, [client])
}
