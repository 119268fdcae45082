import type { Environment } from '../api/bodies.ts'
import type { Act } from '../api/environments.ts'
import { offered } from '../environments/offered.ts'

export type AskedAct = { act: Act; environment: Environment }

const shortestVerb = 2

/**
 * The acts that a query such as `stop churn` asks for: its first word begins the name of an act, and the environment has all the others.
 * Offers none that the service would refuse. Pure.
 */
export function actsAsked(
  environments: readonly Environment[],
  query: string,
  { verbs, atMost }: { verbs: Readonly<Record<Act, string>>; atMost: number },
): AskedAct[] {
  const [verb = '', ...rest] = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (verb.length < shortestVerb) return []
  const acts = (Object.keys(verbs) as Act[]).filter((act) => verbs[act].toLowerCase().startsWith(verb))
  const result: AskedAct[] = []
  for (const environment of environments) {
    if (acts.length === 0 || result.length >= atMost) break
    const text = `${environment.name}\n${environment.id}\n${environment.user_id}`.toLowerCase()
    if (!rest.every((word) => text.includes(word))) continue
    const { first, others } = offered(environment)
    result.push(...acts.filter((act) => act === first || others.includes(act)).map((act) => ({ act, environment })))
  }
  return result.slice(0, atMost)
}
