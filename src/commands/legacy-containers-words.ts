import type { LegacyContainers, MigrationPlan } from '../domain/migration.ts'
import { printable } from '../lib/printable.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { countOf } from './words.ts'

/** What becomes of the earlier platform's containers, for people: sections, each with a heading. */
export function legacyContainersInWords({ containers, from }: MigrationPlan, publicUrl: string): string[][] {
  const { owners, ownerless, onLegacy, problems } = containers
  const without = ownerless.map(({ container, recordedFor }) => `  ${container}, recorded for ${recordedFor}`)
  return [
    owners.size > 0 ? [`${countOf(owners.size, 'container')} will be recorded with the owner.`] : [],
    without.length > 0 ? ['Containers of which it is not certain whose they are:', ...without.map(printable)] : [],
    onLegacy.length > 0
      ? [
          `Containers that still use ${printable(from)}. After the migration, to make each anew on this root:`,
          ...onLegacy.flatMap((container) => repairOf(container, publicUrl)),
        ]
      : [],
    problems,
  ]
}

function repairOf(container: LegacyContainers['onLegacy'][number], publicUrl: string): string[] {
  const { name, state, source, environment, owner } = container
  const id = encodeURIComponent(environment ?? name)
  const post = (path: string, body: object | null) =>
    `    curl -X POST ${shellQuote(`${publicUrl}/api/${path}`)} -H "authorization: Bearer $TOKEN"` +
    (body ? ` -H 'content-type: application/json' -d ${shellQuote(JSON.stringify(body))}` : '')
  return [
    `  ${printable(name)} (${state}), of ${owner ?? 'nobody known'}, on ${printable(source)}`,
    ...(environment ? [] : [post(`data/orphans/${id}/adopt`, { user_id: owner ?? '…', template: 'jupyterlab' })]),
    post(`environments/${id}/recreate`, null),
  ]
}
