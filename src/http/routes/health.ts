import { z } from 'zod'
import type { HealthMonitor } from '../../consistency/health.ts'
import type { Clock } from '../../ports/clock.ts'
import type { App } from '../app-type.ts'
import { type Authenticate, maySeeHostPaths } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { createHealthText, healthBody } from '../schemas/health.ts'

const open = { tags: ['health'], security: [] }
const readyBody = z.object({ status: z.enum(['ready', 'not ready']), detail: z.string() })

export type HealthUses = {
  health: HealthMonitor
  authenticate: Authenticate | null
  version: string
  clock: Clock
  closing: AbortSignal
  /** What the settings cannot protect, for administrators. The service is healthy all the same. */
  weaknesses?: () => readonly string[]
  /** What an administrator should see to, for administrators. */
  notices?: () => readonly string[]
}

export function healthRoutes(app: App, uses: HealthUses): void {
  const { health, authenticate, clock, closing } = uses
  const healthText = createHealthText(uses)
  app.get(
    '/health',
    {
      schema: {
        ...open,
        operationId: 'getHealth',
        summary: 'How the service is, check by check',
        response: {
          200: answer(healthBody, 'It works, perhaps not everything: `status` is `healthy` or `degraded`'),
          503: answer(healthBody, '`status` is `unhealthy`: no environment can be started'),
        },
      },
    },
    async (request, reply) => {
      // Anyone may ask. Credentials only add paths, so wrong ones take nothing away.
      const { authorization, cookie } = request.headers
      if (authenticate && (authorization || cookie)) request.caller = await authenticate(request).catch(() => null)
      const forAdmin = maySeeHostPaths(request)
      const current = health.current()
      return reply
        .code(current.status === 'unhealthy' ? 503 : 200)
        .type('application/json; charset=utf-8')
        .send(healthText(current, { now: clock.now(), forAdmin }))
    },
  )

  app.get(
    '/health/live',
    {
      schema: {
        ...open,
        operationId: 'getLiveness',
        summary: 'Whether the process answers',
        response: { 200: answer(z.object({ status: z.literal('live') }), 'The process answers') },
      },
    },
    async () => ({ status: 'live' as const }),
  )

  app.get(
    '/health/ready',
    {
      schema: {
        ...open,
        operationId: 'getReadiness',
        summary: 'Whether it can start environments',
        response: {
          200: answer(readyBody, 'Environments can be started'),
          503: answer(readyBody, 'They cannot be started now; `detail` says why'),
        },
      },
    },
    async (_request, reply) => {
      const { status, checks } = health.current()
      if (closing.aborted) return reply.code(503).send({ status: 'not ready', detail: 'The service is shutting down.' })
      if (status !== 'unhealthy') return { status: 'ready' as const, detail: 'Environments can be started.' }
      const wrong = Object.values(checks).filter((check) => check.status === 'unhealthy')
      return reply.code(503).send({ status: 'not ready', detail: wrong.map(({ detail }) => detail).join(' ') })
    },
  )
}
