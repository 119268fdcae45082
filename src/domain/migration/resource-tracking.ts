import { z } from 'zod'

const schema = z.object({ user_environments: z.record(z.string(), z.array(z.string())).default({}) })

/**
 * Containers by the names under which the earlier platform recorded their owners, from its `resource_tracking.json`.
 * @throws Error when it is not what that platform wrote
 */
export function parseResourceTracking(text: string): Map<string, string[]> {
  const result = schema.safeParse(JSON.parse(text))
  if (!result.success)
    throw new Error('it is JSON, but does not hold "user_environments" with lists of container names')
  return new Map(Object.entries(result.data.user_environments))
}
