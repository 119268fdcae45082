import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import { type OfCaller, phraseOf, type Secret, towardsClient, towardsEnvironment } from '../domain/gateway/headers.ts'
import { Problem } from '../domain/problem.ts'
import { hasBody } from '../lib/has-body.ts'
import type { Admission } from './admit.ts'
import { type Blot, createBlot, isPage } from './blot.ts'

// While a body comes in, either side may be silent for this long.
const silenceMs = 120_000
// Node writes the head and a body at once only if the body is text too: as Latin-1 each octet is a character. A small body
// sent like that takes a tenth less processor time a request.
const joinedAtMost = 2 ** 14

/**
 * Sends a request on, and its answer back, both as streams: a side that takes nothing holds the other side up. An answer
 * that breaks off is cut, so that the client does not take it for complete.
 *
 * @throws Problem not-answering if no answer has begun
 */
export function forward(
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  { target, secret, secretCookie, isShared }: Pick<Admission, 'target' | 'isShared' | keyof Secret>,
  from: OfCaller,
  dispatcher: Dispatcher,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const body = hasBody(request) ? request : null
  let upstream: Dispatcher.DispatchController | null = null
  let blot: Blot | null = null
  let octets = 0
  const giveUp = () => {
    if (!response.writableFinished) upstream?.abort(new Error('The client is gone.'))
    resolve()
  }
  response.on('close', giveUp)
  const resume = () => upstream?.resume()
  if (body && !request.socket.readableEnded) endSilence(request, response)

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(controller) {
      upstream = controller
      if (response.closed) giveUp()
    },
    onResponseStart(controller, status, headers, words) {
      if (status < 200) return
      octets = Number(headers['content-length'])
      if (isPage(headers['content-type'])) blot = createBlot(secret)
      response.writeHead(status, phraseOf(words), towardsClient(textsOf(controller.rawHeaders), secret, isShared))
      response.on('drain', resume)
    },
    onResponseData(controller, chunk) {
      const isWhole = blot === null && chunk.length === octets && octets <= joinedAtMost
      if (isWhole) response.end(chunk.toString('latin1'), 'latin1')
      else if (!response.write(blot ? blot.pass(chunk) : chunk)) controller.pause()
    },
    onResponseEnd() {
      if (!response.writableEnded) response.end(blot?.rest())
      resolve()
    },
    onResponseError(_controller, error) {
      if (response.closed) resolve()
      else if (response.headersSent) response.destroy(error)
      else
        reject(new Problem('not-answering', 'The environment did not answer. Ask again in a while.', { cause: error }))
    },
  }
  const headers = towardsEnvironment(request.rawHeaders, { ...from, secret, secretCookie })
  dispatcher.dispatch({ method: methodOf(request), path: target, headers, body }, handler)
  return promise
}

function methodOf({ method = 'GET' }: IncomingMessage): Dispatcher.HttpMethod {
  return method as Dispatcher.HttpMethod
}

function endSilence(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request
  const cut = () => socket.destroy()
  socket.setTimeout(silenceMs, cut)
  request.once('close', () => {
    socket.off('timeout', cut)
    // After an answer that came before the body's end, Node's own limit for idle connections runs already; after the client's end,
    // that of `awaitAnswers`.
    if (!response.writableFinished && !socket.readableEnded) socket.setTimeout(0)
  })
}

/** Each octet of a header is a character, as Node's own server takes them. */
function textsOf(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  return Array.isArray(raw) ? raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))) : []
}
