import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { serviceEnv } from '../../../scripts/lib/service-env.ts'
import { freePort } from '../../support/free-port.ts'
import { removeAllOf } from './docker.ts'
import { type Request, startMessenger } from './messenger.ts'

export const project = fileURLToPath(new URL('../../../', import.meta.url))

// biome-ignore lint/suspicious/noExplicitAny: what a foreign process answers; a wrong guess fails the test
export type Json = any

export type Answer = { status: number; body: Json; headers: Headers }

/** The real service in a process of its own, on a data root of its own and the engine of this machine. */
export type RunningService = AsyncDisposable & {
  url: string
  /** Where environments are. */
  gatewayUrl: string
  dataDir: string
  rootId: string
  adminToken: string
  /** Reads `rootId` and `adminToken` again, for a service that had to wait for its data root. */
  learn(): Promise<void>
  call(
    method: string,
    path: string,
    options?: { body?: object; token?: string | null; headers?: Record<string, string> },
  ): Promise<Answer>
  /** The service's whole output so far. */
  output(): string
  /** Ends the service; gives its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>
  /** Starts the service again after its end. */
  startAgain(env?: Record<string, string>): Promise<void>
}

const startLimitMs = 20_000

/** Starts the service. `folder` becomes the parent of its data root; a temporary one is removed at the end. */
export async function startService({
  env = {},
  folder,
  through = [],
}: {
  env?: Record<string, string>
  folder?: string
  /** A command that runs another command: the test runs the service, and calls it, through this one. */
  through?: string[]
} = {}): Promise<RunningService> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'ai-lab-e2e-')))
  const dataDir = env.DATA_DIR ?? join(home, 'ai-lab-data')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const gatewayPort = await freePort()
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`
  const settings = { DATA_DIR: dataDir, PORT: String(port), GATEWAY_PORT: String(gatewayPort), ...env }
  const messenger = through.length > 0 ? startMessenger(through) : null
  const request = messenger?.request ?? fetch
  const launchNow = (changes = {}) => launch({ ...settings, ...changes }, { url, through, request })
  const removeHome = async () => {
    messenger?.end()
    if (!folder) await rm(home, { recursive: true, force: true })
  }
  let process = await launchNow().catch(async (error: unknown) => {
    await removeAllOf(await textOf(join(dataDir, '.ai-lab-root')), dataDir)
    await removeHome()
    throw error
  })
  const known = { rootId: '', adminToken: '' }
  async function learn(): Promise<void> {
    known.rootId = await textOf(join(dataDir, '.ai-lab-root'))
    known.adminToken = await textOf(join(dataDir, 'admin/first-admin-token'))
  }
  await learn()

  return {
    url,
    gatewayUrl,
    dataDir,
    get rootId() {
      return known.rootId
    },
    get adminToken() {
      return known.adminToken
    },
    learn,
    output: () => process.output(),
    async call(method, path, { body, token = known.adminToken, headers = {} } = {}) {
      const response = await request(`${url}${path}`, {
        method,
        headers: {
          ...(token && { authorization: `Bearer ${token}` }),
          ...(body && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.includes('json')
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
    },
    end: (signal = 'SIGTERM') => process.end(signal),
    async startAgain(changes = {}) {
      process = await launchNow(changes)
    },
    async [Symbol.asyncDispose]() {
      await process.end('SIGTERM')
      await removeAllOf(known.rootId, dataDir)
      await removeHome()
    },
  }
}

/** Runs a service that should refuse to start: gives its exit code and its output. */
export async function runToEnd(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const { child, output } = spawnService(env)
  const [code] = (await once(child, 'exit', { signal: AbortSignal.timeout(startLimitMs) })) as [number | null]
  return { code, output: output() }
}

/** Empty if there is no such file. */
async function textOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(() => '')).trim()
}

type Launched = { output: () => string; end: (signal: NodeJS.Signals) => Promise<number | null> }

async function launch(
  env: Record<string, string>,
  { url, through, request }: { url: string; through: string[]; request: Request },
): Promise<Launched> {
  const { child, output } = spawnService(env, through)
  const deadline = Date.now() + startLimitMs
  // Each question takes CPU from the service that is starting: first wait until it says that it listens.
  while (!output().includes('Server listening') || !(await answers(url, request))) {
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode}:\n${output()}`)
    if (Date.now() > deadline) throw new Error(`The service did not answer in ${startLimitMs} ms:\n${output()}`)
    await sleep(20)
  }
  return { output, end: (signal) => end(child, signal) }
}

/** `AS_USER`, uid:gid, is a variable of the tests: the service runs as that user, with the engine's group. */
function spawnService(
  { AS_USER, ...env }: Record<string, string>,
  through: string[] = [],
): { child: ChildProcess; output: () => string } {
  const [uid, gid] = AS_USER?.split(':') ?? []
  const engineGroup = statSync('/var/run/docker.sock').gid
  const asUser = uid ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, `--groups=${engineGroup}`] : []
  const [command = '', ...args] = [...through, ...asUser, process.execPath, join(project, 'src/main.ts')]
  const child = spawn(command, args, {
    cwd: project,
    env: { ...process.env, ...serviceEnv, VITEST: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk))
  return { child, output: () => text }
}

async function answers(url: string, request: Request): Promise<boolean> {
  return request(`${url}/api/health/live`).then(
    (response) => response.ok,
    () => false,
  )
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  child.kill(signal)
  await once(child, 'exit')
  return child.exitCode
}
