import { labels } from '../domain/names.ts'
import type { Engine, EngineEvent } from '../ports/engine.ts'
import type { Docker } from './dockerode.ts'
import { jsonLines } from './json-lines.ts'
import type { OpenStream } from './streams.ts'

const actions = ['create', 'start', 'die', 'stop', 'pause', 'unpause', 'destroy', 'oom']

type Message = { Action: string; Actor: { Attributes: Record<string, string> }; timeNano: number }

export function createEvents(docker: Docker, openStream: OpenStream): Engine['events'] {
  return async function* events({ signal }) {
    try {
      const chunks = await openStream('watch its events', (abortSignal) => watch(docker, abortSignal), { signal })
      for await (const message of jsonLines<Message>(chunks)) yield eventOf(message)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}

function watch(docker: Docker, abortSignal: AbortSignal) {
  const filters = { type: ['container'], label: [labels.environment], event: actions }
  return docker.getEvents({ filters, abortSignal })
}

function eventOf({ Action, Actor, timeNano }: Message): EngineEvent {
  return { environmentId: Actor.Attributes[labels.environment] ?? '', action: Action, at: Math.floor(timeNano / 1e6) }
}
