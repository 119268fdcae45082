export type Position = { createdAt: number; id: string }

/** A page of things that are sorted by time and id. `next` is where the following page begins; null at the end. */
export function pageOf<T extends Position>(
  all: readonly T[],
  { after, limit }: { after: Position | null; limit: number },
): { items: T[]; next: Position | null } {
  const items = all.filter((each) => !after || isAfter(each, after))
  const last = items.length > limit ? items[limit - 1] : undefined
  return { items: items.slice(0, limit), next: last ? { createdAt: last.createdAt, id: last.id } : null }
}

function isAfter(one: Position, { createdAt, id }: Position): boolean {
  return one.createdAt > createdAt || (one.createdAt === createdAt && one.id > id)
}
