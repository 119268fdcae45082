import { addAbortSignal, type Duplex } from 'node:stream'
import { Problem } from '../domain/problem.ts'
import type { Engine, Errand, LogLine, OnOutput } from '../ports/engine.ts'
import { type Call, type CallOptions, harmless, nullWhenMissing } from './calls.ts'
import type { Docker } from './dockerode.ts'
import { logLines } from './log-lines.ts'
import type { OpenStream } from './streams.ts'

type Errands = Pick<Engine, 'runErrand' | 'endErrands' | 'importImage'>

const mebibyte = 2 ** 20
const importLimitMs = 120_000

/** Containers that run one program to its end. */
export function createErrands(
  docker: Docker,
  call: Call,
  { openStream, slowLimitMs }: { openStream: OpenStream; slowLimitMs: number },
): Errands {
  const remove = (id: string) =>
    call(
      `remove ${id}`,
      (abortSignal) => docker.getContainer(id).remove({ force: true, v: true, abortSignal }).catch(harmless(404, 409)),
      { limitMs: slowLimitMs },
    )

  async function run(
    errand: Errand,
    onLine: (line: LogLine) => void,
    { signal, ...reading }: CallOptions & { onOutput?: OnOutput },
  ): Promise<number> {
    const slow = { signal, limitMs: slowLimitMs }
    const container = docker.getContainer(errand.name)
    const request = { _query: { name: errand.name }, _body: errandConfig(errand) }
    await call(`create ${errand.name}`, (abortSignal) => docker.createContainer({ ...request, abortSignal }), slow)
    let input: Duplex | null = null
    const attach = async (abortSignal: AbortSignal) => {
      const both = await container.attach({ ...attached, abortSignal })
      input = both
      return addAbortSignal(abortSignal, both) // Node forgets the signal of a request once its connection was upgraded
    }
    const output = await openStream(`attach to ${errand.name}`, attach, { signal })
    await call(`start ${errand.name}`, (abortSignal) => container.start({ abortSignal }), slow)
    ;(input as Duplex | null)?.write(`${errand.secret}\n`)
    for await (const line of logLines(output, { ...reading, signal })) onLine(line)
    const wait = (abortSignal: AbortSignal) =>
      container.wait({ condition: 'not-running', abortSignal }).catch(killedWhenMissing)
    return (await call(`wait for ${errand.name}`, wait, slow)).StatusCode
  }

  return {
    async runErrand(errand, onLine, options = {}) {
      try {
        const exitCode = await run(errand, onLine, options)
        await remove(errand.name)
        return exitCode
      } catch (error) {
        // Where the engine is away, the next owner of the label ends what runs on.
        await remove(errand.name).catch(() => {})
        throw error
      }
    },

    async endErrands({ name, value, except = new Set() }, options) {
      const filters = { label: [`${name}=${value}`] }
      const list = (abortSignal: AbortSignal) => docker.listContainers({ all: true, filters, abortSignal })
      const found = await call('list its errands', list, options)
      const isExcepted = (names: readonly string[]) => names.some((each) => except.has(each.replace(/^\//, '')))
      await Promise.all(found.filter(({ Names }) => !isExcepted(Names)).map(({ Id }) => remove(Id)))
    },

    async importImage(name, tar, { signal } = {}) {
      const inspect = (abortSignal: AbortSignal) =>
        docker.getImage(name).inspect({ abortSignal }).catch(nullWhenMissing)
      if (await call(`look for the image ${name}`, inspect, { signal })) return
      const archive = Buffer.from(await tar())
      const [repo = '', tag = ''] = name.split(/:(?=[^:]*$)/)
      const importIt = async (abortSignal: AbortSignal) => {
        const answer = await docker.importImage(archive, { repo, tag, abortSignal })
        for await (const _ of answer);
      }
      await call(`import the image ${name}`, importIt, { signal, limitMs: importLimitMs })
      if (!(await call(`look for the image ${name}`, inspect, { signal }))) {
        throw new Problem('engine-refused', `The engine did not take the image ${name}.`)
      }
    },
  }
}

const attached = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true } as const

/** Somebody removed the container while it ran. */
function killedWhenMissing(error: unknown): { StatusCode: number } {
  nullWhenMissing(error)
  return { StatusCode: 137 }
}

/**
 * The body of the engine's create call. Pure.
 *
 * - No `no-new-privileges`: the program may have its capabilities from its file alone (docs: decision 0032). Its image holds no
 *   other program.
 * - The lowest share of the CPU and no log: the output is read as it comes, and environments go first.
 * - Docker starts itself several times to prepare a network, even the network `none`. With `NetworkDisabled` it does not. The mode stays, for
 *   engines that do not know that field.
 */
export function errandConfig(errand: Errand): object {
  return {
    Image: errand.image,
    Cmd: [...errand.command],
    Env: Object.entries(errand.env).map(([key, value]) => `${key}=${value}`),
    Labels: errand.labels,
    User: errand.user,
    Hostname: errand.name,
    NetworkDisabled: !errand.needsNetwork,
    WorkingDir: '/',
    Healthcheck: { Test: ['NONE'] },
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      Mounts: errand.mounts.map(({ source, target, readOnly }) => ({
        Type: 'bind',
        Source: source,
        Target: target,
        ReadOnly: readOnly,
        BindOptions: { Propagation: 'rprivate' },
      })),
      RestartPolicy: { Name: 'no' },
      NetworkMode: errand.needsNetwork ? 'bridge' : 'none',
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': `size=${512 * mebibyte},mode=1777` },
      CapDrop: ['ALL'],
      CapAdd: [...errand.capabilities],
      Memory: errand.memoryBytes,
      MemorySwap: errand.memoryBytes,
      CpuShares: 128,
      PidsLimit: 256,
      LogConfig: { Type: 'none', Config: {} },
    },
  }
}
