import { type ClientRequest, get, type IncomingMessage } from 'node:http'

// biome-ignore lint/suspicious/noExplicitAny: what a foreign process answers; a wrong guess fails the test
type Json = any

export type ReceivedEvent = { id: string | null; event: string; data: Json }

/** A client of Server-Sent Events, like a browser. */
export type EventStream = Disposable & {
  status: number
  headers: IncomingMessage['headers']
  /** All events so far. */
  events: ReceivedEvent[]
  /** The events of one kind. */
  of(event: string): Json[]
  /** Resolves when the server ended the stream. */
  ended: Promise<void>
}

export async function openEvents(
  url: string,
  {
    token,
    headers: given = { authorization: `Bearer ${token}` },
    lastEventId,
  }: { token?: string; headers?: Record<string, string>; lastEventId?: string | null | undefined },
): Promise<EventStream> {
  const headers = { ...given, ...(lastEventId && { 'last-event-id': lastEventId }) }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request: ClientRequest = get(url, { headers, agent: false }, resolve).once('error', reject)
  const answer = await promise
  const events: ReceivedEvent[] = []
  let rest = ''
  answer.setEncoding('utf8').on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop() ?? ''
    events.push(...blocks.flatMap((block) => eventOf(block) ?? []))
  })
  const ended = new Promise<void>((done) => answer.once('end', done))
  request.on('error', () => {}) // errors after `destroy`
  answer.on('error', () => {})
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    events,
    of: (event) => events.filter((each) => each.event === event).map(({ data }) => data),
    ended,
    [Symbol.dispose]: () => request.destroy(),
  }
}

/** Comments and `retry` alone are no event. */
function eventOf(block: string): ReceivedEvent | null {
  const field = (name: string) => block.split('\n').find((line) => line.startsWith(`${name}: `))
  const [event, data, id] = ['event', 'data', 'id'].map((name) => field(name)?.slice(name.length + 2))
  return event && data ? { id: id ?? null, event, data: JSON.parse(data) } : null
}
