import { z } from 'zod'
import { type Catalog, tierAllows } from '../../domain/environment/catalog.ts'
import { launchType } from '../../domain/environment/environment.ts'
import type { FoundImages } from '../../environments/find-images.ts'
import { nextCursor } from './common.ts'

export const templatesBody = z.object({
  tier: z.string(),
  tiers: z.array(z.string()).describe('All tiers of the lab, the lowest first'),
  items: z.array(
    z
      .object({
        name: z.string(),
        description: z.string(),
        type: launchType,
        image: z.string(),
        image_here: z
          .boolean()
          .nullable()
          .describe(
            'Whether the engine has the image, as of a few seconds ago; if not, a new environment pulls it first. Null: the engine does not say',
          ),
        image_bytes: z
          .int()
          .nullable()
          .describe('Its size, with what it shares with other images; null if it is not there'),
        packages: z.array(z.string()),
        minimum_tier: z.string(),
        allowed: z.boolean().describe("Whether the caller's tier includes it"),
        resources: z.object({ memory_bytes: z.int(), cpu_cores: z.number(), gpus: z.int() }),
      })
      .meta({ id: 'Template' }),
  ),
  next_cursor: nextCursor,
  limits: z.object({
    memory_bytes: z.int(),
    cpu_cores: z.number(),
    gpus: z.int(),
    max_environments: z.int(),
    storage_bytes: z.int().nullable(),
  }),
})

/** The catalogue for one person: the resources that their new environment would get, and whether their tier allows it. */
export function toTemplatesBody(catalog: Catalog, tierName: string, found: FoundImages): z.infer<typeof templatesBody> {
  const tier = catalog.tiers[tierName] ?? { memory: 0, cpu_cores: 0, gpus: 0, max_environments: 0, storage: undefined }
  return {
    tier: tierName,
    tiers: Object.keys(catalog.tiers),
    items: Object.entries(catalog.templates).map(([name, template]) => ({
      name,
      description: template.description,
      type: template.type,
      image: template.image,
      ...imageFacts(found.get(template.image)),
      packages: template.packages,
      minimum_tier: template.minimum_tier,
      allowed: tierAllows(catalog, tierName, template.minimum_tier) && template.gpus <= tier.gpus,
      resources: {
        memory_bytes: Math.min(template.memory, tier.memory),
        cpu_cores: Math.min(template.cpu_cores, tier.cpu_cores),
        gpus: template.gpus,
      },
    })),
    next_cursor: null,
    limits: {
      memory_bytes: tier.memory,
      cpu_cores: tier.cpu_cores,
      gpus: tier.gpus,
      max_environments: tier.max_environments,
      storage_bytes: tier.storage ?? null,
    },
  }
}

function imageFacts(sight: ReturnType<FoundImages['get']>): { image_here: boolean | null; image_bytes: number | null } {
  return { image_here: sight === undefined ? null : sight !== null, image_bytes: sight?.bytes ?? null }
}
