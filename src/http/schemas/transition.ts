import { z } from 'zod'
import { type Transition, transitionAction, transitionEnd } from '../../domain/environment/transition.ts'
import { isoTime, time } from './common.ts'

/** The work under way on an environment, as the API shows it. */
export const transitionBody = z
  .object({
    action: transitionAction.describe('What the service does to bring it to `desired_state`. A creation is a `start`.'),
    started_at: time
      .nullable()
      .describe('When it was asked for; null if the service does not know, for example after its own restart'),
    until: z.array(transitionEnd).describe('The statuses that end it. `gone`: it answers 404'),
  })
  .meta({ id: 'Transition', description: 'The work under way on an environment' })

export function toTransitionBody({ action, startedAt, until }: Transition): z.infer<typeof transitionBody> {
  return { action, started_at: startedAt === null ? null : isoTime(startedAt), until: [...until] }
}
