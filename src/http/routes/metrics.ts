import { Gauge, Registry } from '@prometheus-io/client'
import type { FastifyRequest } from 'fastify'
import type { Tokens } from '../../accounts/tokens.ts'
import type { Examination } from '../../domain/examination.ts'
import { Problem } from '../../domain/problem.ts'
import { type Finding, findings as kinds, type Proof } from '../../domain/proof.ts'
import type { Clock } from '../../ports/clock.ts'
import type { App } from '../app-type.ts'
import { authenticate } from '../authenticate.ts'

export type MetricsUses = {
  latestProof: () => Proof | null
  examiner: { latest: () => Examination | null }
  tokens: Tokens | null
  clock: Clock
}

/** `GET /metrics` for Prometheus: from this machine, or with an administrator's token. */
export function metricsRoutes(app: App, { latestProof, examiner, tokens, clock }: MetricsUses): void {
  const registry = proofMetrics({ latestProof, examiner, clock })
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (!isLocal(request)) await requireAdministrator(request, tokens)
    const text = await registry.metrics()
    return reply
      .header('content-type', registry.contentType)
      .serializer(String)
      .send(text as never)
  })
}

/** What is measured anew at each scrape. */
function proofMetrics({ latestProof, examiner, clock }: Omit<MetricsUses, 'tokens'>): Registry {
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value())
      },
    })
  gauge(
    'ailab_data_root_proven',
    '1 when it is shown that the engine sees the data root of the service, else 0.',
    () => (latestProof()?.status === 'proven' ? 1 : 0),
  )
  gauge('ailab_proof_age_seconds', 'How long ago the data root was proven, or failed to be.', () => {
    const checkedAt = latestProof()?.checkedAt
    return checkedAt === undefined ? Number.NaN : (clock.now() - checkedAt) / 1000
  })
  gauge('ailab_proof_duration_seconds', 'How long the newest proof of everything took.', () => {
    const tookMs = examiner.latest()?.tookMs
    return tookMs === undefined ? Number.NaN : tookMs / 1000
  })
  new Gauge({
    name: 'ailab_proof_findings',
    help: 'What is wrong at present, by finding code.',
    labelNames: ['code'],
    registers,
    collect() {
      const found: readonly Finding[] = (examiner.latest() ?? latestProof())?.findings ?? []
      for (const code of Object.keys(kinds)) this.set({ code }, found.filter((each) => each.code === code).length)
    },
  })
  new Gauge({
    name: 'ailab_environment_mounts',
    help: 'Environments by what the newest proof says of their mounts.',
    labelNames: ['status'],
    registers,
    collect() {
      const all = examiner.latest()?.environments ?? []
      for (const status of ['proven', 'unproven', 'unverifiable', 'unknown'] as const) {
        this.set({ status }, all.filter((each) => each.status === status).length)
      }
    },
  })
  return registry
}

/** From this machine, and not handed on by a proxy that runs on it. */
function isLocal({ ip, headers }: FastifyRequest): boolean {
  const isLoopback = ip === '127.0.0.1' || ip === '::1' || ip === '::ffff:127.0.0.1'
  return isLoopback && headers['x-forwarded-for'] === undefined && headers.forwarded === undefined
}

async function requireAdministrator(request: FastifyRequest, tokens: Tokens | null): Promise<void> {
  if (!tokens) throw new Problem('forbidden', 'Metrics are for this machine, until the data root is there.')
  const { role } = await authenticate(request, tokens)
  if (role !== 'admin') throw new Problem('forbidden', 'Metrics are for administrators, and for this machine.')
}
