import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { createBatch } from './batch.ts'
import type { Environment } from './bodies.ts'
import { tellConnection } from './connection.ts'
import { noteChanges } from './environments.ts'
import { at } from './place.ts'
import { proofKeys } from './proof-keys.ts'
import { isSignedOut } from './signed-out.ts'

const againAfterMs = 3_000
const opensWithinMs = 8_000
// The service tells every 15 seconds that it is there.
const silentAtMostMs = 45_000
const shownEveryMs = 100
// The stream tells of changes to these, and a new session may change `me`.
const fedKeys = [['environments'], ['environment'], ['me'], ...proofKeys]

/**
 * Keeps all environments on the page up to date from the service's stream of events: one's own, for administrators everybody's. A hidden page
 * holds no stream: browsers open only six connections to a server, and people open many pages.
 */
export function useLiveEnvironments(): void {
  const client = useQueryClient()
  useEffect(() => {
    let stream: EventSource | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    const batch = createBatch<Environment | null>((changes) => noteChanges(client, changes), { everyMs: shownEveryMs })

    /** A connection can die without a word: after a sleep, or in a router that forgot it. */
    function heard(): void {
      clearTimeout(timer)
      timer = setTimeout(() => {
        close()
        tellConnection('lost')
        open()
      }, silentAtMostMs)
    }

    function open(): void {
      if (stream || document.hidden) return
      if (isSignedOut()) {
        timer = setTimeout(open, againAfterMs)
        return
      }
      stream = new EventSource(at('api/events'))
      // A proxy may keep the answer back: the lists then come without it.
      timer = setTimeout(() => tellConnection('lost'), opensWithinMs)
      stream.onopen = () => {
        tellConnection('live')
        heard()
        // The stream tells only of changes from now on.
        for (const queryKey of fedKeys) client.invalidateQueries({ queryKey })
      }
      stream.addEventListener('environment', ({ data }) => {
        heard()
        const environment = JSON.parse(data) as Environment
        batch.add(environment.id, environment)
      })
      stream.addEventListener('gone', ({ data }) => {
        heard()
        batch.add((JSON.parse(data) as { id: string }).id, null)
      })
      stream.addEventListener('alive', heard)
      stream.addEventListener('proof', () => {
        heard()
        for (const queryKey of proofKeys) client.invalidateQueries({ queryKey })
      })
      stream.onerror = () => {
        // The browser itself tries again after a broken connection, but not after an answer that is no stream.
        clearTimeout(timer)
        tellConnection('lost')
        client.invalidateQueries({ queryKey: ['me'] }) // if the session has ended, the person hears of it at once
        if (stream?.readyState !== EventSource.CLOSED) return
        close()
        timer = setTimeout(open, againAfterMs)
      }
    }

    function close(): void {
      clearTimeout(timer)
      batch.flush()
      stream?.close()
      stream = null
    }

    function look(): void {
      if (document.hidden) {
        close()
        tellConnection('quiet')
      } else open()
    }

    look()
    document.addEventListener('visibilitychange', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      close()
    }
  }, [client])
}
