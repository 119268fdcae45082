import type { Environment } from '../api/bodies.ts'
import type { Act } from '../api/environments.ts'
import { offered } from '../environments/offered.ts'

export type AskedAct = { act: Act; environment: Environment }

const shortestVerb = 2

/**
 * The acts that a query such as `stop churn` asks for: its first words begin the words of an act's name, as many as they can, and the
 * environment has all the others, first those with them in their name, then those with some in their id or person. Offers none that the
 * service would refuse. Pure.
 */
export function actsAsked(
  environments: readonly Environment[],
  query: string,
  { verbs, atMost }: { verbs: Readonly<Record<Act, string>>; atMost: number },
): AskedAct[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if ((words[0] ?? '').length < shortestVerb) return []
  const taken = (Object.keys(verbs) as Act[]).map((act) => ({ act, count: begun(verbs[act], words) }))
  const most = Math.max(...taken.map(({ count }) => count))
  const acts = most === 0 ? [] : taken.filter(({ count }) => count === most).map(({ act }) => act)
  const rest = words.slice(most)
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

/** How many words of the verb the query begins, in their order: `neu an` two of `Neu anlegen`. */
function begun(verb: string, words: readonly string[]): number {
  const parts = verb.toLowerCase().split(/\s+/)
  const others = parts.findIndex((part, at) => !part.startsWith(words[at] ?? ' '))
  return others < 0 ? parts.length : others
}
