import { type Check, notChecked, ok, warning } from '../../domain/doctor/check.ts'
import { shellQuote } from '../../lib/shell-quote.ts'
import type { LegacySight, Observations } from '../observations.ts'

/** More entries than this are not counted. */
export const mostEntries = 10_000

/** Is there data of an earlier platform that was not brought over, or a container that still uses it? */
export function checkLegacy({ legacy, standpoint }: Observations): Check[] {
  return legacy.flatMap((sight) => [
    standpoint.place === 'container'
      ? notChecked('legacy', `${sight.path} is on the host, not in this container.`)
      : checkLegacyRoot(sight),
    ...judgeContainers(sight),
  ])
}

function checkLegacyRoot({ path, entries, isDataRoot }: LegacySight): Check {
  if (isDataRoot) return ok('legacy', `${path} is the data root itself.`)
  if (entries.kind === 'unseen') {
    return notChecked('legacy', {
      summary: `${path} cannot be looked at.`,
      detail: `${path} cannot be looked at: ${entries.reason}.`,
    })
  }
  if (entries.value === null) return ok('legacy', `Nothing at ${path}.`)
  if (entries.value === 0) return ok('legacy', `${path} is empty.`)
  const count = entries.value >= mostEntries ? `at least ${mostEntries}` : String(entries.value)
  return warning('legacy', {
    summary: `${path} still holds data.`,
    detail: `${path} has ${count} ${entries.value === 1 ? 'entry' : 'entries'} that an earlier platform left behind. This platform does not use them.`,
    remedy: 'See what would be brought over into the data root; nothing is changed by this:',
    command: `bin/ailab migrate --from ${shellQuote(path)}`,
  })
}

function judgeContainers({ path, containers, isDataRoot }: LegacySight): Check[] {
  if (isDataRoot || containers.kind === 'unseen' || containers.value.length === 0) return []
  const names = containers.value.slice(0, 20)
  const more = containers.value.length - names.length
  return [
    warning('legacy', {
      summary: `${containers.value.length} containers still mount ${path}.`,
      detail: `These containers still mount ${path}: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}. What is saved in them does not get into the data root.`,
      remedy:
        'Bring the data over, then recreate them (`ailab migrate` prints the call for each). A container keeps the mounts that it was made with.',
    }),
  ]
}
