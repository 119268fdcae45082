import { z } from 'zod'
import type { createEnvironments } from '../../environments/create.ts'
import type { Find } from '../../environments/find.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { createBody, environmentBody, type Scene, toEnvironmentBody, toResources } from '../schemas/environment.ts'
import { changeAndWait, prefer, type WaitUses } from '../wait.ts'

const problems = [
  'tier-too-low',
  'environment-not-found',
  'user-not-found',
  'wrong-state',
  'quota-reached',
  'storage-full',
  'too-many-at-once',
  'unknown-template',
  'resources-over-tier',
  'idempotency-key-reused',
  'engine-unavailable',
] as const

const schema = {
  tags: ['environments'],
  operationId: 'createEnvironment',
  summary: 'Create an environment, and start it',
  description: 'Answers 202 at once. With `Prefer: wait=55` it answers when the environment runs or has failed.',
  headers: z.object({
    'idempotency-key': z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 visible ASCII characters')
      .optional()
      .describe(
        'A name of your own for this request, such as a UUID. For a day, the same key of the same person with the same body gives the environment that the first request made; with another body it is refused.',
      ),
    prefer,
  }),
  body: createBody,
  response: {
    202: answer(
      environmentBody,
      'It was created. If the request waited, it runs or has failed by now, unless the wait was too short',
      'Location',
      'Preference-Applied',
    ),
  },
}

export function createEnvironmentRoute(
  app: App,
  {
    create,
    find,
    scene,
    ...uses
  }: { create: ReturnType<typeof createEnvironments>; find: Pick<Find, 'one'>; scene: () => Scene } & WaitUses,
): void {
  app.post('/environments', { config: { problems }, schema }, async (request, reply) => {
    const caller = callerOf(request)
    const { template, name, user_id: userId, resources } = request.body
    const idempotencyKey = request.headers['idempotency-key'] ?? null
    const wanted = { template, name, userId, resources: resources && toResources(resources) }
    const found = await changeAndWait(request, reply, uses, async () => {
      const { id } = await create(caller, wanted, { idempotencyKey })
      return find.one(caller, id)
    })
    return reply
      .code(202)
      .header('location', `/api/environments/${found.environment.id}`)
      .send(toEnvironmentBody(found, caller, scene()))
  })
}
