import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { createBatch } from './batch.ts'
import type { Environment } from './bodies.ts'
import { tellConnection } from './connection.ts'
import { noteChanges } from './environments.ts'
import { followStream } from './follow-stream.ts'
import { proofKeys } from './proof-keys.ts'

const shownEveryMs = 100
// The stream tells of changes to these, and a new session may change `me`.
const fedKeys = [['environments'], ['environment'], ['me'], ...proofKeys]

/** Keeps all environments on the page up to date from the service's stream of events: one's own, for administrators everybody's. */
export function useLiveEnvironments(): void {
  const client = useQueryClient()
  useEffect(() => {
    const batch = createBatch<Environment | null>((changes) => noteChanges(client, changes), { everyMs: shownEveryMs })
    const askAgain = (keys: readonly (readonly string[])[]) => {
      for (const queryKey of keys) void client.invalidateQueries({ queryKey })
    }
    const stop = followStream('events', {
      handlers: {
        environment(data) {
          const environment = JSON.parse(data) as Environment
          batch.add(environment.id, environment)
        },
        gone: (data) => batch.add((JSON.parse(data) as { id: string }).id, null),
        proof: () => askAgain(proofKeys),
      },
      isEndless: true,
      onOpen() {
        tellConnection('live')
        askAgain(fedKeys) // the stream tells only of changes from now on
      },
      onLost() {
        tellConnection('lost') // the lists then come without it
        askAgain([['me']]) // if the session has ended, the person hears of it at once
      },
      onHidden() {
        batch.flush()
        tellConnection('quiet')
      },
    })
    return () => {
      stop()
      batch.flush()
    }
  }, [client])
}
