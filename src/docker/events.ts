import { labels } from '../domain/names.ts'
import { Problem } from '../domain/problem.ts'
import type { Engine, EngineEvent } from '../ports/engine.ts'
import type { Call } from './calls.ts'
import type { Docker } from './dockerode.ts'
import { jsonLines } from './json-lines.ts'
import type { OpenStream } from './streams.ts'

const actions = ['create', 'start', 'die', 'stop', 'pause', 'unpause', 'destroy', 'oom']

type Message = { Action: string; Actor: { Attributes: Record<string, string> }; timeNano: number }

export function createEvents(docker: Docker, openStream: OpenStream): Engine['events'] {
  return ({ signal }) => {
    // `since` the moment of the call, so that no event is lost while the connection is being made.
    const since = seconds(Date.now())
    const filters = { type: ['container'], label: [labels.environment], event: actions }
    const open = (abortSignal: AbortSignal) => docker.getEvents({ since, filters, abortSignal })
    return eventsOf(() => openStream('watch its events', open, { signal }), signal)
  }
}

/**
 * The events of one container that the engine still remembers.
 *
 * @param newcomer a client that opens a new connection for each call. An engine that shuts down stops its containers and
 *   reports this as if somebody had asked for it; but it takes no new connections any more.
 */
export function createWasStopped(newcomer: Docker, call: Call): Engine['wasStopped'] {
  return async (containerId, since, options) => {
    const filters = { container: [containerId], event: ['stop'] }
    const ask = async (abortSignal: AbortSignal) => {
      // By the engine's clock, like `since`: if `until` were in the future, the call would wait for that time.
      const until = Date.parse((await newcomer.info({ abortSignal })).SystemTime)
      if (until < since) return false // the engine's clock was set back, so it cannot find earlier events
      const span = { since: seconds(since), until: seconds(until) }
      const chunks = await newcomer.getEvents({ ...span, filters, abortSignal })
      return (await Array.fromAsync(jsonLines<Message>(chunks))).length > 0
    }
    return call(`tell who ended ${containerId}`, ask, options)
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

async function* eventsOf(open: () => Promise<AsyncIterable<Uint8Array>>, signal: AbortSignal) {
  try {
    const chunks = await open()
    yield* untilBroken(jsonLines<Message>(chunks))
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Treats a broken connection like one that ended: in both cases the consumer asks again and looks afresh. */
async function* untilBroken(messages: AsyncIterable<Message>): AsyncGenerator<EngineEvent> {
  try {
    for await (const message of messages) if (!isOfCopy(message)) yield eventOf(message)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
  }
}

/** A copy of a container has its label too (`docker commit`). Memory that ran out there says nothing of the environment. */
function isOfCopy({ Action, Actor: { Attributes } }: Message): boolean {
  return Action === 'oom' && Attributes.name !== Attributes[labels.environment]
}

function eventOf({ Action, Actor, timeNano }: Message): EngineEvent {
  return { environmentId: Actor.Attributes[labels.environment] ?? '', action: Action, at: Math.floor(timeNano / 1e6) }
}
