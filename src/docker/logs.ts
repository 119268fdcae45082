import type { Engine, LogLine } from '../ports/engine.ts'
import type { Call, CallOptions } from './calls.ts'
import { type LogQuery, logStream } from './client.ts'
import type { Docker } from './dockerode.ts'
import { httpStatusOf } from './engine-problem.ts'
import { logLines } from './log-lines.ts'
import type { OpenStream } from './streams.ts'

const mostCharacters = 2 ** 20

/** Logs of containers. What was written before is cut to its newest 1 Mi characters. */
export function createLogs(docker: Docker, call: Call, openStream: OpenStream): Pick<Engine, 'logs' | 'followLogs'> {
  async function* lines(id: string, query: LogQuery, options: CallOptions) {
    try {
      const open = (abortSignal: AbortSignal) => logStream(docker, id, { ...query, abortSignal })
      yield* logLines(await openStream(`read the logs of ${id}`, open, options))
    } catch (error) {
      if (httpStatusOf(error) !== 404) throw error
    }
  }

  return {
    logs(id, tail, { since = null, ...options } = {}) {
      const read = (signal: AbortSignal) => newest(lines(id, { tail, follow: false, since }, { signal }))
      return call(`read the logs of ${id}`, read, options)
    },

    async *followLogs(id, tail, { signal }) {
      try {
        yield* lines(id, { tail, follow: true, since: null }, { signal })
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
  }
}

async function newest(lines: AsyncIterable<LogLine>): Promise<LogLine[]> {
  const kept: LogLine[] = []
  let characters = 0
  for await (const line of lines) {
    kept.push(line)
    characters += line.text.length
    while (characters > mostCharacters) characters -= kept.shift()?.text.length ?? 0
  }
  return kept
}
