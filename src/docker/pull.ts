import { Problem } from '../domain/problem.ts'
import type { Engine } from '../ports/engine.ts'
import type { Docker } from './dockerode.ts'
import { engineWords, httpStatusOf, sayFull } from './engine-problem.ts'
import { jsonLines } from './json-lines.ts'
import { addLayer, type Layers, type PullMessage, progressOf } from './pull-progress.ts'
import type { OpenStream } from './streams.ts'

/** A pull may take hours. It is given up only if it makes no progress for `stallLimitMs`. */
export function createPull(docker: Docker, openStream: OpenStream, stallLimitMs: number): Engine['pull'] {
  return async (image, onProgress, { signal } = {}) => {
    const stall = new AbortController()
    const waited = `the registry has sent nothing for ${Math.round(stallLimitMs / 1000)} s`
    const timer = setTimeout(() => stall.abort(new Error(waited)), stallLimitMs)
    const either = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal
    try {
      const open = (abortSignal: AbortSignal) => docker.pull(image, { abortSignal })
      // The engine answers only once the registry does, so the stall limit covers the first answer too.
      const waiting = { signal: either, limitMs: 2 * stallLimitMs }
      const chunks = await openStream(`pull the image ${image}`, open, waiting)
      await follow(jsonLines<PullMessage>(chunks), onProgress, () => timer.refresh())
    } catch (error) {
      signal?.throwIfAborted()
      throw pullProblem(image, stall.signal.aborted ? stall.signal.reason : error)
    } finally {
      clearTimeout(timer)
    }
  }
}

async function follow(
  messages: AsyncIterable<PullMessage>,
  onProgress: Parameters<Engine['pull']>[1],
  onMessage: () => void,
): Promise<void> {
  const layers: Layers = new Map()
  for await (const message of messages) {
    onMessage()
    if (message.error !== undefined) throw new Error(message.errorDetail?.message ?? message.error)
    if (addLayer(layers, message)) onProgress(progressOf(layers))
  }
}

/** If the engine or the registry refuses a pull, the image is at fault; if nothing answers, the engine is. */
function pullProblem(image: string, error: unknown): Problem {
  if (error instanceof Problem && httpStatusOf(error) === null) return error
  const words = engineWords(error instanceof Problem ? error.cause : error)
  const code = sayFull(words) ? 'no-room' : 'image-unavailable'
  return new Problem(code, `The image ${image} could not be pulled: ${words}.`, { cause: error })
}
