import { type Check, notChecked, note, ok, problem, warning } from '../../domain/doctor/check.ts'
import { type Finding, findings } from '../../domain/proof/proof.ts'
import type { Observations } from '../observations.ts'
import { isWhole } from './data-root.ts'

/** Does the engine see the very files of the data root? */
export function checkProof(seen: Observations): Check[] {
  const { proof, engine, standpoint } = seen
  if (!isWhole(seen)) return [notChecked('proof', 'There is no whole data root to prove.')]
  if (engine.kind === 'unseen') return [notChecked('proof', 'The container engine cannot be asked.')]
  if (!mayTouch(seen)) {
    return [
      notChecked(
        'proof',
        `The proof touches the markers, which uid ${standpoint.self.uid} may not. Run the doctor as root.`,
      ),
    ]
  }
  if (proof.kind === 'unseen') {
    return [
      problem('proof', {
        summary: 'It could not be finished.',
        detail: `It could not be shown that the engine sees the data root ${standpoint.dataDir}: ${proof.reason}.`,
        remedy: 'See to the container engine and to the disk, and run the doctor again.',
      }),
    ]
  }
  // The check of the data root tells of the database. The finding's own words are about a service that runs.
  const found = proof.value.filter(({ code }) => code !== 'database-missing')
  const proven = isProven(found) ? [ok('proof', 'The engine sees the same files as the backend.')] : []
  return [...proven, ...grouped(found)]
}

/** Whether the data root is proven; one environment's trouble does not take that away. */
export function isProven(findings: readonly Finding[]): boolean {
  return findings.every(({ severity, environmentId }) => severity !== 'error' || environmentId !== null)
}

/** If even the service's own user may not touch a marker, that is a fault of the data root. */
function mayTouch({ standpoint, root }: Observations): boolean {
  const { self, service } = standpoint
  const markers = root.kind === 'seen' ? Object.values(root.value?.markers ?? {}) : []
  return self.uid === 0 || self.uid === service.uid || markers.every((marker) => marker?.look.uid === self.uid)
}

/** One row for each kind of finding; findings with the same cure share one. */
function grouped(found: readonly Finding[]): Check[] {
  const groups = Map.groupBy(found, ({ code, remedy }) => `${code}\n${remedy}`)
  return Array.from(groups.values(), (group) => {
    const [{ code, severity, environmentId, remedy }] = group as [Finding, ...Finding[]]
    const { sentence } = findings[code]
    const about =
      group.length > 1 ? `${sentence} (${group.length})` : environmentId ? `${environmentId}: ${sentence}` : sentence
    return tellers[severity]('proof', { summary: about, detail: group.map(({ detail }) => detail).join('\n'), remedy })
  })
}

const tellers = { error: problem, warning, note } as const
