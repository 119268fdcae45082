import type { Readable } from 'node:stream'

/**
 * The body of a request, in pieces. Once a reader ends before the body does, the rest is dropped: a client may send all of it before it
 * reads the answer, and its connection can be used again. Node itself drops only the rest of a body that nobody began to read.
 */
export async function* uploadBody(body: Readable): AsyncGenerator<Buffer> {
  try {
    yield* body.iterator({ destroyOnReturn: false })
  } finally {
    body.resume()
  }
}
