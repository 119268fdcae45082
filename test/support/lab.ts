import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import supertest from 'supertest'
import { assembleService, type Service } from '../../src/assembly/service.ts'
import { createEnvironmentStore } from '../../src/database/environment-store.ts'
import { openSqlite } from '../../src/database/open.ts'
import { wayTo } from '../../src/domain/environment/upstream.ts'
import type { EnvironmentStore } from '../../src/ports/environment-store.ts'
import { loadConfig } from '../../src/settings/config.ts'
import { createFakeEngine, type FakeEngineOptions } from './fake-engine.ts'
import { fakeRestic, fakeResticProgram } from './fake-restic.ts'
import { undocumented } from './undocumented.ts'

export type FakeEngine = ReturnType<typeof createFakeEngine>

/**
 * The whole service on a separate folder and an engine in memory, whose environments answer at once. Its end fails if an
 * answer to one of its clients was of a kind that docs/openapi.json does not list.
 */
export type Lab = AsyncDisposable & {
  folder: string
  dataDir: string
  engine: FakeEngine
  service: Service
  adminToken: string
  /** Sets the answer of all environments' servers from now on. */
  notebookAnswers(status: number): void
  /** A client with that token, with those headers, or without any. */
  as(credentials?: string | Record<string, string>): Client
  /** A client of a new user. */
  newUser(id: string, tier?: string): Promise<{ client: Client; token: string }>
  /** Changes records beside the service, as the command line does. */
  withRecords<T>(work: (store: EnvironmentStore) => Promise<T>): Promise<T>
  /** The secret of an environment's server by the record, once that server has answered; null before. */
  recordedSecret(id: string): Promise<string | null>
  /** Ends the service and starts it again, on the same folder and engine. `meanwhile` happens in between. */
  restart(meanwhile?: () => Promise<unknown>): Promise<void>
  close(): Promise<void>
}

export type Client = {
  get(path: string): supertest.Test
  head(path: string): supertest.Test
  post(path: string, body?: object): supertest.Test
  put(path: string, body: object): supertest.Test
  patch(path: string, body: object): supertest.Test
  delete(path: string): supertest.Test
}

export async function openLab({
  env = {},
  images = ['ai-lab/jupyterlab:latest'],
  answers = 200,
  engine: given,
  logLevel = 'silent',
  log,
  ...engineOptions
}: FakeEngineOptions & {
  env?: Record<string, string>
  answers?: number
  engine?: FakeEngine
  logLevel?: string
  /** Gets each line of the log, from `logLevel` on. */
  log?: (line: Record<string, unknown>) => void
} = {}): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-'))
  const dataDir = env.DATA_DIR ?? join(folder, 'ai-lab-data')
  let status = answers
  const notebooks = await listening(() => status)
  const { port } = notebooks.address() as AddressInfo
  const engine = given ?? createFakeEngine({ images, addressOf: () => ({ host: '127.0.0.1', port }), ...engineOptions })
  if (!given) engine.duringErrand = fakeRestic

  const logger = pino({ level: logLevel }, log ? { write: (line) => log(JSON.parse(line)) } : process.stdout)
  const start = async () => {
    const ownKey = { BACKUP_KEY_FILE: join(folder, 'backup.key') }
    const config = loadConfig(process.cwd(), { DATA_DIR: dataDir, LOG_LEVEL: logLevel, ...ownKey, ...env })
    const service = await assembleService(config, { logger, version: '0.0.0-test', engine, restic: fakeResticProgram })
    await service.app.ready()
    return service
  }
  const removeAll = async () => {
    notebooks.close()
    await rm(folder, { recursive: true, force: true })
  }
  let service = await start().catch(async (error: unknown) => {
    await removeAll()
    throw error
  })
  const adminToken = (await readFile(join(dataDir, 'admin/first-admin-token'), 'utf8')).trim()

  const surprises = new Set<string>()
  const note = ({
    status: answered,
    body,
    req: { method, path },
  }: supertest.Response & { req: { method: string; path: string } }) => {
    const surprise = undocumented({ method, path, status: answered, body })
    if (surprise) surprises.add(surprise)
  }
  const as = (credentials: string | Record<string, string> = {}): Client => {
    const headers = typeof credentials === 'string' ? { authorization: `Bearer ${credentials}` } : credentials
    const signed = (test: supertest.Test) => test.set(headers).on('response', note)
    const api = () => supertest(service.app.server)
    return {
      get: (path) => signed(api().get(path)),
      head: (path) => signed(api().head(path)),
      post: (path, body) => signed(api().post(path)).send(body),
      put: (path, body) => signed(api().put(path)).send(body),
      patch: (path, body) => signed(api().patch(path)).send(body),
      delete: (path) => signed(api().delete(path)),
    }
  }
  const withRecords: Lab['withRecords'] = async (work) => {
    await using database = await openSqlite(join(dataDir, 'admin/ai-lab.db'))
    return await work(createEnvironmentStore(database))
  }
  let closed = false
  const close = async () => {
    if (closed) return
    closed = true
    await service[Symbol.asyncDispose]()
  }

  return {
    folder,
    dataDir,
    engine,
    adminToken,
    as,
    close,
    notebookAnswers(answer) {
      status = answer
    },
    get service() {
      return service
    },
    async newUser(id, tier = 'default') {
      await as(adminToken).post('/api/users', { id, tier }).expect(201)
      const { body } = await as(adminToken).post('/api/tokens', { user_id: id, name: 'test' }).expect(201)
      return { token: body.token, client: as(body.token) }
    },
    withRecords,
    recordedSecret(id) {
      return withRecords(async (store) => {
        const environment = await store.get(id)
        return environment && wayTo(environment) ? environment.token : null
      })
    },
    async restart(meanwhile = async () => {}) {
      await close()
      await meanwhile()
      service = await start()
      closed = false
    },
    async [Symbol.asyncDispose]() {
      await close()
      await removeAll()
      if (surprises.size > 0) throw new Error([...surprises].join('\n'))
    },
  }
}

/** A server that answers every request with a status: it stands for the notebook servers. */
async function listening(status: () => number): Promise<Server> {
  const server = createServer((_, response) => response.writeHead(status()).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
