import type { Environment } from '../api/bodies.ts'

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
