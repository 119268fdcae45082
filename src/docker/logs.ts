import type { Engine, LogLine, LogTail } from '../ports/engine.ts'
import type { Call, CallOptions } from './calls.ts'
import { type LogQuery, logStream } from './client.ts'
import type { Docker } from './dockerode.ts'
import { httpStatusOf } from './engine-problem.ts'
import { logLines } from './log-lines.ts'
import type { OpenStream } from './streams.ts'

const mostCharacters = 2 ** 20
// Lines may be long, and the engine reads and sends every line that we ask for, so ask for a few first.
const fewLines = 256
const moreBy = 4

/** Logs of containers. Of the lines written so far it gives the newest 1 Mi characters. */
export function createLogs(docker: Docker, call: Call, openStream: OpenStream): Pick<Engine, 'logs' | 'followLogs'> {
  async function* lines(id: string, query: LogQuery, options: CallOptions) {
    const open = (abortSignal: AbortSignal) => logStream(docker, id, { ...query, abortSignal })
    yield* logLines(await openStream(`read the logs of ${id}`, open, options))
  }

  async function newest(id: string, { tail, since }: Omit<LogQuery, 'follow'>, signal: AbortSignal): Promise<LogTail> {
    for (let asked = Math.min(fewLines, tail), before = 0; ; asked = Math.min(asked * moreBy, tail)) {
      const { characters, ...read } = await newestOf(lines(id, { tail: asked, follow: false, since }, { signal }))
      if (asked === tail || read.isCut || characters === before) return read
      before = characters
    }
  }

  return {
    logs(id, tail, { since = null, ...options } = {}) {
      const read = (signal: AbortSignal) => newest(id, { tail, since }, signal).catch(nullWhenGone)
      return call(`read the logs of ${id}`, read, options)
    },

    async *followLogs(id, tail, { signal }) {
      try {
        yield* lines(id, { tail, follow: true, since: null }, { signal })
      } catch (error) {
        if (!signal.aborted) nullWhenGone(error)
      }
    },
  }
}

async function newestOf(all: AsyncIterable<LogLine>): Promise<LogTail & { characters: number }> {
  const lines: LogLine[] = []
  let characters = 0
  let isCut = false
  for await (const line of all) {
    lines.push(line)
    characters += line.text.length
    while (characters > mostCharacters) {
      characters -= lines.shift()?.text.length ?? 0
      isCut = true
    }
  }
  return { lines, characters, isCut }
}

/** 409: the engine is removing the container and does not read its log any more. */
function nullWhenGone(error: unknown): null {
  if ([404, 409].includes(httpStatusOf(error) ?? 0)) return null
  throw error
}
