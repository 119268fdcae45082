import type { LegacyContainers, MigrationPlan } from '../domain/migration/migration-plan.ts'
import { printable } from '../lib/printable.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { countOf } from './words.ts'

/** Says what will happen to the earlier platform's containers, in sections with a heading each. */
export function legacyContainersInWords({ containers, from }: MigrationPlan, publicUrl: string): string[][] {
  const { owners, ownerless, onLegacy, problems } = containers
  const without = ownerless.map(({ container, recordedFor }) => `  ${container}, recorded for ${recordedFor}`)
  return [
    owners.size > 0 ? [`${countOf(owners.size, 'container')} will be recorded with the owner.`] : [],
    without.length > 0 ? ['Containers whose owner is not certain:', ...without.map(printable)] : [],
    onLegacy.length > 0
      ? [
          `Containers that still use ${printable(from)}. After the migration, to make each anew on this root (what is in`,
          'the container itself, and not in its folders, is then gone):',
          ...onLegacy.flatMap((container) => repairOf(container, publicUrl)),
        ]
      : [],
    problems,
  ]
}

function repairOf(container: LegacyContainers['onLegacy'][number], publicUrl: string): string[] {
  const { name, state, source, hasRecord, owner } = container
  const id = encodeURIComponent(name)
  const post = (path: string, body: object | null) =>
    `    curl -X POST ${shellQuote(`${publicUrl}/api/${path}`)} -H "authorization: Bearer $TOKEN"` +
    (body ? ` -H 'content-type: application/json' -d ${shellQuote(JSON.stringify(body))}` : '')
  const heading = `  ${printable(name)} (${state}), of ${owner ?? 'nobody known'}, on ${printable(source)}`
  if (hasRecord) return [heading, post(`environments/${id}/recreate`, null)]
  if (owner) {
    const adopt = post(`data/orphans/${id}/adopt`, { user_id: owner, template: 'jupyterlab' })
    return [heading, adopt, post(`environments/${id}/recreate`, null)]
  }
  return [
    heading,
    '    The mapping file can tell whose it is. If nobody needs it, its data stays:',
    `    docker rm --force ${shellQuote(name)}`,
  ]
}
