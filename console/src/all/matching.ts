import type { Environment } from '../api/bodies.ts'
import type { Sort } from '../parts/rows.tsx'

/** The person's filter. An empty part lets all environments through. */
export type Filter = { text: string; person: string; statuses: readonly string[]; template: string }

export const everything: Filter = { text: '', person: '', statuses: [], template: '' }

/** The filter that an address has. Pure. */
export function filterOf(query: URLSearchParams): Filter {
  const of = (name: string) => query.get(name) ?? ''
  const status = of('status')
  return { text: of('text'), person: of('person'), statuses: status ? status.split(',') : [], template: of('template') }
}

/** The query of the address with that filter; empty parts are left out. Pure. */
export function queryOf({ text, person, statuses, template }: Filter): Record<string, string> {
  const given = { text, person, status: statuses.join(','), template }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''))
}

/** Pure. */
export function areSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, at) => text === other[at])
}

export const columnKeys = ['name', 'status', 'person', 'template', 'created', 'lastUsed'] as const
export type SortKey = (typeof columnKeys)[number]

/** Finds the environments whose name, id, person or template has every word of the text, and that fit the rest of the filter. Pure. */
export function matching(
  all: readonly Environment[],
  { text, person, statuses, template }: Filter,
): readonly Environment[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0 && !person && statuses.length === 0 && !template) return all
  return all.filter(
    (each) =>
      (!person || each.user_id === person) &&
      (!template || each.template === template) &&
      (statuses.length === 0 || statuses.includes(each.status)) &&
      words.every((word) => textOf(each).includes(word)),
  )
}

const texts = new WeakMap<Environment, string>()

function textOf(environment: Environment): string {
  let text = texts.get(environment)
  if (text === undefined) {
    const { name, id, user_id, template } = environment
    text = `${name}\n${id}\n${user_id}\n${template}`.toLowerCase()
    texts.set(environment, text)
  }
  return text
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
const byText = (of: (each: Environment) => string) => (a: Environment, b: Environment) => collator.compare(of(a), of(b))
const byTime = (of: (each: Environment) => string | null) => (a: Environment, b: Environment) => {
  const [left, right] = [of(a) ?? '', of(b) ?? '']
  return left < right ? -1 : left > right ? 1 : 0
}

// An administrator looks for these first.
const rank: Record<Environment['status'], number> = {
  failed: 0,
  unknown: 1,
  pending: 2,
  pulling: 3,
  creating: 4,
  starting: 5,
  stopping: 6,
  running: 7,
  paused: 8,
  exited: 9,
}

const comparisons: Record<SortKey, (a: Environment, b: Environment) => number> = {
  name: byText(({ name }) => name),
  status: (a, b) => rank[a.status] - rank[b.status],
  person: byText(({ user_id }) => user_id),
  template: byText(({ template }) => template),
  created: byTime(({ created }) => created),
  lastUsed: byTime(({ last_activity }) => last_activity),
}

/** In that order; equals stay as they are in the list. The list itself is by creation, the newest first. Pure. */
export function sorted(list: readonly Environment[], { by, isDown }: Sort<SortKey>): readonly Environment[] {
  if (by === 'created') return isDown ? list : list.toReversed()
  const compare = comparisons[by]
  return list.toSorted(isDown ? (a, b) => compare(b, a) : compare)
}

/** The sort after a press on the head of a column: the same column turns round; times begin with the newest. Pure. */
export function sortAfter({ by, isDown }: Sort<SortKey>, pressed: SortKey): Sort<SortKey> {
  if (by === pressed) return { by, isDown: !isDown }
  return { by: pressed, isDown: pressed === 'created' || pressed === 'lastUsed' }
}
