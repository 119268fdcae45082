import type { Environment } from '../api/bodies.ts'
import type { Act } from '../api/environments.ts'
import { offered } from '../environments/offered.ts'

export type AskedAct = { act: Act; environment: Environment }

const shortestVerb = 2

/**
 * The acts that a query such as `stop churn` asks for: its first word begins the name of an act, and the environment has all the others,
 * first those with them in their name, then those with some in their id or person. Offers none that the service would refuse. Pure.
 */
export function actsAsked(
  environments: readonly Environment[],
  query: string,
  { verbs, atMost }: { verbs: Readonly<Record<Act, string>>; atMost: number },
): AskedAct[] {
  const [verb = '', ...rest] = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (verb.length < shortestVerb) return []
  const acts = (Object.keys(verbs) as Act[]).filter((act) => verbs[act].toLowerCase().startsWith(verb))
  const has = (text: string) => rest.every((word) => text.toLowerCase().includes(word))
  const byName: AskedAct[] = []
  const byMore: AskedAct[] = []
  for (const environment of environments) {
    if (acts.length === 0 || byName.length >= atMost) break
    const { name, id, user_id } = environment
    const ranked = has(name) ? byName : byMore
    if (ranked.length >= atMost || !has(`${name}\n${id}\n${user_id}`)) continue
    const { first, others } = offered(environment)
    ranked.push(...acts.filter((act) => act === first || others.includes(act)).map((act) => ({ act, environment })))
  }
  return [...byName, ...byMore].slice(0, atMost)
}
