import { until } from '../../test/bench/support/until.ts'
import { type RunningService, startService } from '../../test/e2e/support/service.ts'
import { Failure } from '../lib/failure.ts'
import { serviceEnv } from '../lib/service-env.ts'
import { codesOf, findingsIn, healthLines, linesOf } from './answers.ts'
import type { Scene } from './scene.ts'
import { lookInside, type Sight } from './sight.ts'
import { inSeconds } from './words.ts'

const patience = { everyMs: 50, limitMs: 60_000 }

type Shown = { status: string; status_reason: string | null; started: string | null }

/** This service in a scene. The scene writes down each request and its answer. */
export type Ours = {
  /** Asks for an environment; if the service accepts, waits until it runs. */
  create(): Promise<{ status: number; isAccepted: boolean; id: string }>
  /** The same before the fault, while all is well. @throws Failure when it does not run */
  createBefore(): Promise<{ id: string; shown: Shown }>
  show(id: string): Promise<Shown>
  recreate(id: string): Promise<void>
  /** Asks for an examination of everything; returns the codes of all that is wrong. */
  findings(): Promise<string[]>
  /** The codes of the findings in the log. A service that waits for its data root writes them nowhere else. */
  logged(): Promise<string[]>
  /** Waits until its health has that status code; returns how long that took. */
  untilHealth(code: number): Promise<number>
  /** Waits until an environment runs with another start time than before; returns how long that took, and what it sees. */
  untilRuns(id: string, before: Shown): Promise<{ ms: number; inside: Sight }>
  /** The containers of this data root, and their state. */
  containers(): Promise<string[]>
  end(signal?: NodeJS.Signals): Promise<void>
  startAgain(env?: Record<string, string>): Promise<void>
}

/** `through`: a command that runs another command in the network of a separate engine. */
export async function startOurs(scene: Scene, env: Record<string, string> = {}, through: string[] = []): Promise<Ours> {
  const { folder, signal, note } = scene
  const service = await startService({ folder, env: { ...serviceEnv, ...env }, through })
  scene.defer(() => service[Symbol.asyncDispose]())
  noteStart({})

  function noteStart(changes: Record<string, string>): void {
    const given = Object.entries({ DATA_DIR: service.dataDir, ...env, ...changes })
    note(`$ ${given.map(([name, value]) => `${name}=${value}`).join(' ')} node src/main.ts`)
  }

  const call: RunningService['call'] = (...args) => {
    signal.throwIfAborted()
    return service.call(...args)
  }

  async function waited(what: string, isTrue: () => Promise<boolean>): Promise<number> {
    const startedAt = performance.now()
    const asked = () =>
      isTrue().catch(() => {
        signal.throwIfAborted()
        return false // the service is changing from waiting to serving
      })
    await until(what, asked, patience)
    return performance.now() - startedAt
  }

  const create: Ours['create'] = async () => {
    const { status, body } = await call('POST', '/api/environments', {
      body: { template: 'jupyterlab' },
      headers: { prefer: 'wait=60' },
    })
    const isAccepted = status < 400
    const [detail] = (body.detail ?? '').split('\n')
    const problem = `${String(body.type).split('/').at(-1)}: ${detail}`
    note('> POST /api/environments', `${status} ${isAccepted ? `${body.id} ${body.status}` : problem}`)
    return { status, isAccepted, id: body.id ?? '' }
  }

  const show: Ours['show'] = async (id) => {
    const { status, body } = await call('GET', `/api/environments/${id}`)
    note(`> GET /api/environments/${id}`, `${status} ${body.status}`, ...(body.status_reason?.split('\n', 1) ?? []))
    return body
  }

  return {
    create,
    show,

    async createBefore() {
      const { id, isAccepted } = await create()
      const { body } = isAccepted ? await call('GET', `/api/environments/${id}`) : { body: { status: 'refused' } }
      if (body.status === 'running') return { id, shown: body }
      throw new Failure(`The service does not even run what is right:\n${scene.transcript()}`)
    },

    async recreate(id) {
      const { status } = await call('POST', `/api/environments/${id}/recreate`)
      note(`> POST /api/environments/${id}/recreate`, String(status))
    },

    async findings() {
      const { body } = await call('POST', '/api/data/consistency')
      note('> POST /api/data/consistency', body.status, ...linesOf(body.findings))
      return codesOf(body.findings)
    },

    async logged() {
      const found = findingsIn(service.output())
      note('# in its log', ...linesOf(found))
      return codesOf(found)
    },

    async untilHealth(code) {
      const ms = await waited(`the health is ${code}`, async () => (await call('GET', '/api/health')).status === code)
      const { status, body } = await call('GET', '/api/health')
      note(`> GET /api/health, ${inSeconds(ms)} later`, ...healthLines(status, body))
      return ms
    },

    async untilRuns(id, before) {
      const ms = await waited(`${id} runs`, async () => {
        const { body } = await call('GET', `/api/environments/${id}`)
        return body.status === 'running' && body.started !== before.started
      })
      note(`> GET /api/environments/${id}, ${inSeconds(ms)} later`, '200 running')
      return { ms, inside: await lookInside(scene, id) }
    },

    async containers() {
      const filter = `label=ai-lab.root=${service.rootId}`
      const args = ['ps', '--all', '--filter', filter, '--format', '{{.Names}} {{.Status}}']
      const { output } = await scene.show('docker', ...args)
      return output.split('\n').filter(Boolean)
    },

    async end(name = 'SIGTERM') {
      await service.end(name)
      note('# the service is ended')
    },

    async startAgain(changes = {}) {
      signal.throwIfAborted()
      await service.startAgain(changes)
      noteStart(changes)
    },
  }
}
