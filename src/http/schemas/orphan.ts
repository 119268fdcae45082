import { z } from 'zod'
import type { Orphan } from '../../domain/environment/orphan.ts'
import { userId } from '../../domain/people/user-id.ts'

const orphanBody = z
  .object({
    id: z.string().describe("The container's name, by which it is adopted"),
    container_id: z.string(),
    state: z.string(),
    image: z.string(),
    user_id: z.string().nullable(),
    template: z.string().nullable(),
    root_id: z.string().nullable(),
    adoptable: z.boolean(),
    reason: z.string().nullable().describe('Why it cannot be adopted'),
    labels: z.record(z.string(), z.string()),
    mounts: z.array(z.object({ target: z.string(), source: z.string(), mode: z.enum(['ro', 'rw']) })),
  })
  .meta({ id: 'Orphan' })

export const orphansBody = z.object({ items: z.array(orphanBody), next_cursor: z.null() })

export const adoptBody = z
  .strictObject({
    user_id: userId.optional().describe('Its owner, if its labels do not name one'),
    template: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('The template to make it anew from, if its labels do not name one'),
  })
  .nullish()

export function toOrphanBody({ container, userId, template, rootId, hindrance }: Orphan): z.infer<typeof orphanBody> {
  const { name, containerId, state, image, labels, mounts } = container
  return {
    id: name,
    container_id: containerId,
    state,
    image,
    user_id: userId,
    template,
    root_id: rootId,
    adoptable: hindrance === null,
    reason: hindrance,
    labels: { ...labels },
    mounts: mounts.map(({ source, target, readOnly }) => ({ target, source, mode: readOnly ? 'ro' : 'rw' })),
  }
}
