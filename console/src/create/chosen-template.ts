import type { Template } from '../api/bodies.ts'

/** The template that is chosen now: the one picked, or the last one used, or the first; never one that the tier excludes. Pure. */
export function chosenTemplate(
  templates: readonly Pick<Template, 'name' | 'allowed'>[],
  picked: string | null,
  last: string | null,
): string | null {
  const allowed = templates.filter(({ allowed }) => allowed).map(({ name }) => name)
  return [picked, last].find((each) => each !== null && allowed.includes(each)) ?? allowed[0] ?? null
}
