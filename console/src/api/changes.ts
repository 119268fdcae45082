import type { Environment } from './bodies.ts'

/** The newest state of each environment that changed; null: it is gone. */
export type Changes = ReadonlyMap<string, Environment | null>

/** The changes that a list of that owner's environments shows; no owner: everybody's. An end has no owner. Pure. */
export function only(owner: string, changes: Changes): Changes {
  if (owner === '') return changes
  return new Map([...changes].filter(([, environment]) => environment === null || environment.user_id === owner))
}

/**
 * The list, newest first, after the changes; the same list if they change nothing in it. One pass, however many changes there are.
 * `isPart`: older environments are still to come, so a new one that is older than the list's last is left out. Pure.
 */
export function withChanges(
  list: readonly Environment[],
  changes: Changes,
  { isPart = false }: { isPart?: boolean } = {},
): Environment[] {
  if (changes.size === 0) return list as Environment[]
  const unseen = new Map(changes)
  let isChanged = false
  const kept: Environment[] = []
  for (const each of list) {
    const changed = changes.get(each.id)
    if (changed === undefined) kept.push(each)
    else {
      unseen.delete(each.id)
      isChanged ||= changed !== each
      if (changed) kept.push(changed)
    }
  }
  const last = list.at(-1)
  const added = [...unseen.values()].filter((each) => each !== null && !(isPart && last && isNewer(last, each)))
  if (added.length === 0) return isChanged ? kept : (list as Environment[])
  return merged(
    kept,
    (added as Environment[]).sort((a, b) => (isNewer(a, b) ? -1 : 1)),
  )
}

/** The order of the service's list: by creation, and then by id. Pure. */
export function isNewer(a: Environment, b: Environment): boolean {
  return a.created === b.created ? a.id > b.id : a.created > b.created
}

function merged(list: readonly Environment[], added: readonly Environment[]): Environment[] {
  const result: Environment[] = []
  let next = 0
  for (const each of list) {
    for (let one = added[next]; one && isNewer(one, each); one = added[next]) {
      result.push(one)
      next += 1
    }
    result.push(each)
  }
  return [...result, ...added.slice(next)]
}
