import type { Environment } from '../domain/environment/environment.ts'
import type { EnvironmentsUrl } from '../domain/gateway/environments-url.ts'
import { Problem } from '../domain/problem.ts'
import { nearest } from '../lib/nearest.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'

/** The environment with that id, if a browser can open it. @throws Problem environment-not-found, wrong-state */
export async function environmentToOpen(
  store: Pick<EnvironmentStore, 'get' | 'outlines'>,
  { pattern, originOf }: Pick<EnvironmentsUrl, 'pattern' | 'originOf'>,
  id: string,
): Promise<Readonly<Environment>> {
  const environment = await store.get(id)
  if (!environment) throw await notFound(store, id)
  if (environment.desired === 'gone') throw new Problem('wrong-state', `${id} is being deleted.`)
  if (pattern === null) {
    throw new Problem('wrong-state', 'This lab has no address for environments yet. Set ENVIRONMENTS_URL.')
  }
  if (originOf(id) === null) {
    throw new Problem('wrong-state', `${id} cannot be part of a host name, so no browser can open it.`)
  }
  return environment
}

async function notFound(store: Pick<EnvironmentStore, 'outlines'>, id: string): Promise<Problem> {
  const ids: string[] = []
  for await (const page of store.outlines()) ids.push(...page.map((each) => each.id))
  const meant = meantId(id, ids)
  return new Problem('environment-not-found', `There is no environment ${id}.${meant ? ` Did you mean ${meant}?` : ''}`)
}

/** Ids of one template differ only in their endings, so the ending decides. */
function meantId(id: string, ids: readonly string[]): string | undefined {
  const ending = nearest(endingOf(id), ids.map(endingOf))
  return ids.find((each) => endingOf(each) === ending)
}

function endingOf(id: string): string {
  return id.slice(id.lastIndexOf('-') + 1)
}
