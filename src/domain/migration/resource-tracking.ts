import { z } from 'zod'

const schema = z.object({ user_environments: z.record(z.string(), z.array(z.string())).default({}) })

/**
 * Reads the earlier platform's `resource_tracking.json`: the names under which it recorded people, each with its
 * containers.
 * @throws Error if the text does not have that platform's format
 */
export function parseResourceTracking(text: string): Map<string, string[]> {
  const result = schema.safeParse(JSON.parse(text))
  if (!result.success)
    throw new Error('it is JSON, but does not hold "user_environments" with lists of container names')
  return new Map(Object.entries(result.data.user_environments))
}
