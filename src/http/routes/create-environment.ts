import { z } from 'zod'
import type { createEnvironments } from '../../environments/create.ts'
import type { Watch } from '../../environments/watch.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { holdRight, type RightsUses, requireHeld } from '../hold-right.ts'
import type { TakePlace } from '../places.ts'
import { createBody, environmentBody, type Scene, toEnvironmentBody, toResources } from '../schemas/environment.ts'

const waitAtMostSeconds = 300

const schema = {
  tags: ['environments'],
  summary: 'Create an environment, and start it',
  description: 'Answers 202 at once. With `Prefer: wait=60` it answers when the environment runs or has failed.',
  headers: z.object({
    'idempotency-key': z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 visible ASCII characters')
      .optional(),
    prefer: z.string().optional(),
  }),
  body: createBody,
  response: { 202: environmentBody },
}

export function createEnvironmentRoute(
  app: App,
  {
    create,
    watch,
    scene,
    takePlace,
    rights,
    closing,
  }: {
    create: ReturnType<typeof createEnvironments>
    watch: Watch
    scene: () => Scene
    takePlace: TakePlace
  } & RightsUses,
): void {
  app.post('/environments', { schema }, async (request, reply) => {
    const caller = callerOf(request)
    const { template, name, user_id: userId, resources } = request.body
    const seconds = waitSeconds(request.headers.prefer)
    using _place = seconds > 0 ? takePlace('waits', caller) : null // before the service makes anything
    const idempotencyKey = request.headers['idempotency-key'] ?? null
    const wanted = { template, name, userId, resources: resources && toResources(resources) }
    const { id } = await create(caller, wanted, { idempotencyKey })
    if (seconds > 0) reply.header('preference-applied', `wait=${seconds}`)
    const signal = holdRight(request, reply, { rights, closing })
    const found = await watch.untilSettled(caller, id, { limitMs: seconds * 1000, signal })
    requireHeld(signal)
    return reply
      .code(202)
      .header('location', `/api/environments/${id}`)
      .send(toEnvironmentBody(found, caller, scene()))
  })
}

/** The seconds of `Prefer: wait=60`, RFC 7240; 0 without it. */
function waitSeconds(prefer: string | undefined): number {
  const [, seconds = '0'] = /(?:^|[,;\s])wait=(\d{1,6})(?=$|[,;\s])/i.exec(prefer ?? '') ?? []
  return Math.min(Number(seconds), waitAtMostSeconds)
}
