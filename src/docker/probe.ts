import type { IncomingMessage } from 'node:http'
import { isProblem } from '../domain/problem.ts'
import type { Engine, FileSight } from '../ports/engine.ts'
import type { Call, CallOptions } from './calls.ts'
import type { Docker } from './dockerode.ts'
import { engineWords, httpStatusOf } from './engine-problem.ts'
import { sightOf } from './path-stat.ts'
import { createProbes, mountPoint } from './probe-container.ts'
import { firstFileOf } from './tar-file.ts'

const largestBytes = 4096
const statHeader = 'x-docker-container-path-stat'

/** One request to the archive call, in the probe with that container id. */
type Ask<T> = (containerId: string, abortSignal: AbortSignal) => Promise<T>

/** Files of the engine's host as a new mount would show them (docs: docker-facts; HEAD takes 2 ms, GET 40 ms). */
export function createProbe(
  docker: Docker,
  call: Call,
  lookLimitMs: number,
): Pick<Engine, 'look' | 'read' | 'dropProbe'> {
  const probes = createProbes(docker, call)

  /** Asks through the probe. If the probe is gone, asks again through a new one: people prune stopped containers. */
  async function through<T>(
    probe: { name: string; hostPath: string },
    doing: string,
    ask: Ask<T>,
    options?: CallOptions,
  ) {
    const attempt = async () => {
      const id = await probes.idOf(probe, options)
      return await call(doing, (abortSignal) => ask(id, abortSignal), options)
    }
    try {
      return await attempt()
    } catch (error) {
      if (!isProblem(error, 'engine-refused') || !/no such container/i.test(error.adminDetail)) throw error
      probes.forget(probe.name)
      return await attempt()
    }
  }

  return {
    dropProbe: probes.drop,

    async look(probe, files, options) {
      try {
        const ask: Ask<(FileSight | null)[]> = (id, abortSignal) =>
          Promise.all(files.map((file) => lookAt(docker, id, file, abortSignal)))
        return await through(probe, 'look at the data root', ask, { ...options, limitMs: lookLimitMs })
      } catch (error) {
        if (isProblem(error, 'data-root-not-proven')) return files.map(() => null)
        throw error
      }
    },

    async read(probe, file, options) {
      try {
        return await through(
          probe,
          'read a marker of the data root',
          (id, abortSignal) => readFile(docker, id, file, abortSignal),
          options,
        )
      } catch (error) {
        if (isProblem(error, 'data-root-not-proven')) return null
        throw error
      }
    },
  }
}

async function lookAt(docker: Docker, id: string, file: string, abortSignal: AbortSignal): Promise<FileSight | null> {
  try {
    const answer = await docker.getContainer(id).infoArchive({ path: `${mountPoint}/${file}`, abortSignal })
    const { headers } = answer.resume()
    return sightOf(String(headers[statHeader]))
  } catch (error) {
    if (httpStatusOf(error) === null) throw error
    // An error on HEAD has no words, and without words a missing file looks like a missing container.
    const answer = await archive(docker, id, file, abortSignal)
    answer?.destroy()
    return answer && sightOf(String(answer.headers[statHeader]))
  }
}

async function readFile(docker: Docker, id: string, file: string, abortSignal: AbortSignal): Promise<string | null> {
  const answer = await archive(docker, id, file, abortSignal)
  if (answer === null) return null
  const sight = sightOf(String(answer.headers[statHeader]))
  if (sight === null || sight.sizeBytes > largestBytes) {
    answer.destroy()
    return null
  }
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  return firstFileOf(Buffer.concat(chunks))?.toString() ?? null
}

/** The engine's tar of one file; null when there is no such file. */
async function archive(
  docker: Docker,
  id: string,
  file: string,
  abortSignal: AbortSignal,
): Promise<IncomingMessage | null> {
  try {
    return await docker.getContainer(id).getArchive({ path: `${mountPoint}/${file}`, abortSignal })
  } catch (error) {
    if (httpStatusOf(error) !== null && /could not find the file|not a directory/i.test(engineWords(error))) return null
    throw error
  }
}
