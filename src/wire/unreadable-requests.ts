import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Problem, type ProblemCode, problems } from '../domain/problem.ts'
import { randomUUID } from '../lib/random.ts'
import { problemText } from './problem-text.ts'

type Exchange = { request: IncomingMessage; response: ServerResponse }
type Connection = { destroy(): unknown }
type Log = { info(line: object, words: string): void }

/**
 * Answers requests that Node's HTTP parser refuses; Fastify never sees them.
 *
 * If another answer is under way on the same connection, it cuts the connection, so that the two never mix.
 */
export function createUnreadableRequests(deps: {
  logger: Log
  onProblem: (code: ProblemCode) => void
  /** The path below which people see the service. */
  base?: string
}) {
  const begun = new WeakMap<Connection, Exchange[]>()
  const offered = new WeakSet<Connection>()
  const under = (socket: Connection) => (begun.get(socket) ?? []).filter(isUnderWay)

  function abandon(socket: Connection): void {
    for (const { response } of under(socket)) response.destroy()
    socket.destroy()
  }

  return {
    /**
     * The caller must call this for every request that Node could read, before anything is done about it.
     *
     * Node drops the octets that came together with an offer of another protocol, behind it. What it reads next may be the middle
     * of a body, so no request counts there: the answer to the offer ends the connection, and a request that comes before cuts it.
     */
    began(request: Exchange['request'], response: Exchange['response']): void {
      if (offered.has(request.socket)) {
        abandon(request.socket)
        return
      }
      if (request.headers.upgrade !== undefined) {
        offered.add(request.socket)
        response.shouldKeepAlive = false
      }
      const exchanges = begun.get(request.socket) ?? []
      if (exchanges.length === 0) begun.set(request.socket, exchanges)
      exchanges.push({ request, response })
      // If it were kept until the next request, it would no longer be young garbage: 40 MiB more on busy connections.
      response.on('close', () => dropFinished(exchanges))
    },

    /** Whether an earlier request of that connection has no complete answer yet. */
    isBusy: (socket: Connection) => under(socket).length > 0,

    /**
     * Cuts a connection that Node's HTTP parser has let go of, as it does for CONNECT and for an upgrade. Node would then end only
     * the answer whose turn it is: those behind it would never close, nor what was opened for them.
     */
    abandon,

    answer(error: NodeJS.ErrnoException, socket: Socket): void {
      const [exchange, ...others] = under(socket)
      const isAnswerable = !exchange || (!exchange.request.complete && !exchange.response.headersSent)
      if (error.code === 'ECONNRESET' || !socket.writable || !isAnswerable || others.length > 0) {
        socket.destroy()
        return
      }
      const problem = toProblem(error)
      const { status } = problems[problem.code]
      const requestId = randomUUID()
      deps.onProblem(problem.code)
      deps.logger.info({ reqId: requestId, status, client: socket.remoteAddress, reason: error.code }, 'answered')
      const about = { instance: exchange?.request.url ?? '/', requestId, base: deps.base ?? '' }
      socket.end(problemText(problem, about), () => socket.destroy())
    },
  }
}

function dropFinished(exchanges: Exchange[]): void {
  for (let at = exchanges.length - 1; at >= 0; at -= 1) {
    if (!isUnderWay(exchanges[at] as Exchange)) exchanges.splice(at, 1)
  }
}

/** True also if the answer is sent and its request still comes in. */
function isUnderWay({ request, response }: Exchange): boolean {
  return !request.complete || !response.closed
}

function toProblem({ code }: NodeJS.ErrnoException): Problem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('request-timeout', 'The request did not come to its end in time.')
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('headers-too-large', 'The headers are larger than 16 KiB. Send fewer or shorter ones.')
    default:
      return new Problem('malformed-request', 'This is not valid HTTP.')
  }
}
