import { z } from 'zod'
import { longestTemplateName } from '../names.ts'
import { durationMs, limitMs, sizeBytes } from '../units.ts'
import { launchType } from './environment.ts'

const tier = z.strictObject({
  memory: sizeBytes,
  cpu_cores: z.number().positive(),
  gpus: z.int().min(0),
  max_environments: z.int().positive(),
  max_runtime: limitMs.optional(),
  /** What a person's folder may take on the disk; left out: no limit. */
  storage: sizeBytes.optional(),
})

const template = z.strictObject({
  description: z.string(),
  type: launchType,
  image: z.string().min(1),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  port: z.int().min(1).max(65535),
  open_path: z.string().startsWith('/').or(z.string().startsWith('{base_path}')),
  ready_path: z.string().startsWith('/').or(z.string().startsWith('{base_path}')),
  ready_within: durationMs({ atLeast: '1s', atMost: '24h' }).default(60_000),
  minimum_tier: z.string().default('default'),
  packages: z.array(z.string()).default([]),
  memory: sizeBytes,
  cpu_cores: z.number().positive(),
  gpus: z.int().min(0).default(0),
  pids: z.int().positive().default(4096),
  idle_pause_after: limitMs.optional(),
  idle_stop_after: limitMs.optional(),
  max_runtime: limitMs.optional(),
})

// The name is a part of the ids of environments, which are parts of host names.
const templateName = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "a template's name has a-z, 0-9 and single dashes between them")
  .max(
    longestTemplateName,
    `a template's name has at most ${longestTemplateName} characters: browsers open its environments at host names with that name in them`,
  )

/** The schema of `catalog.yaml`. Tiers are ranked by their order in the file, lowest first. */
export const catalogSchema = z
  .strictObject({
    // A tier's name must not be a number: JavaScript would move it to the front, and the order is the rank.
    tiers: z
      .record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'a tier begins with a letter: a-z, 0-9 and dashes'), tier)
      .refine((tiers) => Object.hasOwn(tiers, 'default'), 'there must be a tier named "default"'),
    templates: z.record(templateName, template),
  })
  .superRefine((catalog, context) => {
    for (const [name, { minimum_tier }] of Object.entries(catalog.templates)) {
      if (Object.hasOwn(catalog.tiers, minimum_tier)) continue
      context.addIssue({
        code: 'custom',
        path: ['templates', name, 'minimum_tier'],
        message: `there is no tier named "${minimum_tier}"`,
      })
    }
  })

export type Catalog = z.infer<typeof catalogSchema>
export type Template = Catalog['templates'][string]
export type Tier = Catalog['tiers'][string]

/** Whether tier `own` ranks at least as high as `minimum`. An unknown tier may use nothing. */
export function tierAllows(catalog: Catalog, own: string, minimum: string): boolean {
  const ranks = Object.keys(catalog.tiers)
  return ranks.includes(own) && ranks.indexOf(own) >= ranks.indexOf(minimum)
}
