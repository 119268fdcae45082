import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ContainerSpec } from '../../src/domain/environment/container-spec.ts'
import { labels, networkName } from '../../src/domain/names.ts'
import type { Engine, Errand, LogLine, Witness } from '../../src/ports/engine.ts'

/** An engine with everything that the contract suite needs: a folder, an image, and containers that obey. */
export interface EngineWorld extends AsyncDisposable {
  engine: Engine
  /** A real folder of the engine's host. */
  folder: string
  /** A container that runs until a test ends it. */
  spec(changes?: Partial<ContainerSpec>): ContainerSpec
  /** An errand that runs a script, with the secret `sesame`. Its label has its name as the value. */
  errand(script: string, changes?: Partial<Errand>): Errand
  removeImage(name: string): Promise<void>
  /** A free port of the engine's host. */
  freePort(): Promise<number>
  /** Takes a port of the engine's host, as another program would, until it is disposed. */
  listen(port: number): Promise<AsyncDisposable>
  say(id: string, stream: LogLine['stream'], text: string): Promise<void>
  /** Lets the main process end by itself. */
  exit(id: string, exitCode: number): Promise<void>
  /** Lets another process than the main one take more memory than the container may have. */
  exhaustMemory(id: string): Promise<void>
  probe(hostPath: string): { name: string; hostPath: string }
  /** A witness of a root that no service uses. */
  witness(): Witness
}

export type Puppet = Pick<EngineWorld, 'say' | 'exit' | 'exhaustMemory' | 'removeImage'> & {
  command: string[]
  /** The ports of an engine that is on no machine. */
  ports?: Pick<EngineWorld, 'freePort' | 'listen'>
}

/** Makes a world with separate names; it removes everything that was made under them. */
export async function createEngineWorld(
  engine: Engine,
  { command, say, exit, exhaustMemory, removeImage, ports = portsOfThisMachine }: Puppet,
): Promise<EngineWorld> {
  const witnesses = new Set<string>()
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-engine-'))
  await mkdir(join(folder, 'data'))
  const names = new Set<string>()
  const named = (kind: string) => {
    const name = `ai-lab-${kind}-${randomBytes(4).toString('hex')}`
    names.add(name)
    return name
  }
  return {
    engine,
    folder,
    ...ports,
    say,
    exit,
    exhaustMemory,
    removeImage,
    errand(script, changes = {}) {
      const name = named('errand')
      return {
        name,
        image: 'debian:trixie-slim',
        labels: { [labels.errand]: name },
        command: ['sh', '-c', script],
        env: { GREETING: 'hello' },
        user: '1000:100',
        capabilities: [],
        mounts: [],
        memoryBytes: 64 * 2 ** 20,
        secret: 'sesame',
        ...changes,
      }
    },
    spec(changes = {}) {
      const name = named('contract')
      return {
        name,
        image: 'debian:trixie-slim',
        command,
        env: { GREETING: 'hello' },
        labels: { [labels.environment]: name, [labels.user]: 'demo@ailab.com' },
        user: '1000:100',
        workingDir: '/tmp',
        mounts: [{ source: join(folder, 'data'), target: '/home/jovyan/data', readOnly: false }],
        network: networkName,
        port: 8888,
        hostPort: null,
        resources: { memoryBytes: 64 * 2 ** 20, cpuCores: 0.5, gpus: 0, pids: 64 },
        ...changes,
      }
    },
    probe: (hostPath) => ({ name: named('contract-probe'), hostPath }),
    witness() {
      const name = `ai-lab-root-contract-${randomBytes(4).toString('hex')}`
      witnesses.add(name)
      return { name, rootId: name, hostPath: join(folder, 'root') }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(witnesses, (name) => engine.forgetWitness(name)))
      await Promise.all([...names].map((name) => engine.remove(name)))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const portsOfThisMachine = {
  async freePort() {
    await using listener = await listen(0)
    return listener.port
  },
  listen,
}

async function listen(port: number): Promise<AsyncDisposable & { port: number }> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
