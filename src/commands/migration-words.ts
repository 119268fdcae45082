import { mapName } from '../domain/legacy-map.ts'
import { exitCodeOf, type Left, type MigrationPlan, type MigrationResult, type Survey } from '../domain/migration.ts'
import { shown } from '../lib/octets.ts'
import { printable } from '../lib/printable.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { bytesInWords, countOf } from './words.ts'

/** How many of a kind are printed; the report has all. */
const most = 20

export type Wording = { notebook: { uid: number; gid: number }; publicUrl: string }

/** What was found, in lines for people. A line that begins without a space is a heading. */
export function planInWords(plan: MigrationPlan, wording: Wording): string[] {
  return [
    `From ${plan.from} to ${plan.to}`,
    ...plan.surveys.map(surveyInWords),
    ...listed('Conflicts: this root keeps its own, the legacy one is put beside it', conflictsIn(plan)),
    ...listed(
      'Not copied',
      leftIn(plan, ({ skipped }) => skipped),
    ),
    ...listed(
      'Could not be read',
      leftIn(plan, ({ failed }) => failed),
    ),
    ...listed('Not migrated: look at these yourself', plan.strange.map(leftInWords)),
    ...listed("Not migrated: the earlier platform's own", plan.platforms),
    ...listed('Left out by the mapping file', plan.leftOut),
    ...unknownInWords(plan),
    ...peopleInWords(plan),
    ...ownersInWords(plan, wording),
    ...hardLinksInWords(plan),
    ...spaceInWords(plan),
    ...containersInWords(plan, wording),
  ]
}

/** The last words: what came of it, and what to do now. */
export function endInWords(plan: MigrationPlan, result: MigrationResult | null, command: string): string[] {
  const failed = result?.failed ?? []
  return [
    ...(result ? [`Copied ${countOf(result.files, 'file')}.`] : []),
    ...listed('Could not be copied', failed.map(leftInWords)),
    ...(result?.cutShort ? [result.cutShort] : []),
    ...(failed.length > 0 ? ['See to these, and run the same command again: it copies what is missing.'] : []),
    verdict(plan, result, command),
  ]
}

function verdict(plan: MigrationPlan, result: MigrationResult | null, command: string): string {
  const code = exitCodeOf(plan, result)
  if (result) {
    if (code === 1) return 'Not everything was migrated. Nothing was deleted.'
    return code === 2
      ? 'The rest waits for your decision, see above. Nothing was deleted.'
      : `All is migrated. ${plan.from} is as it was: remove it when you are sure that nobody needs it.`
  }
  if (plan.space.some(({ fits }) => !fits)) return 'It does not fit: nothing can be copied before there is room.'
  const isDone = plan.surveys.every(({ branch }) => !branch) && plan.containers.owners.size === 0
  if (isDone && code === 0) return 'There is nothing left to do.'
  return `Nothing was changed. To do it: ${command} --apply`
}

function surveyInWords({ haul, fresh, identical, conflicts, settled }: Survey): string {
  const words = [
    `${countOf(fresh.files, 'new file')} (${bytesInWords(fresh.bytes)})`,
    `${identical.files.toLocaleString('en')} identical`,
    countOf(conflicts.length, 'conflict'),
    ...(settled > 0 ? [`${countOf(settled, 'conflict')} kept on both sides already`] : []),
  ]
  const [from, to] = [shown(haul.from.join('/')), shown(haul.to.join('/'))]
  return `  ${from === to ? from : `${from} -> ${to}`}: ${words.join(', ')}`
}

function conflictsIn({ surveys }: MigrationPlan): string[] {
  return surveys.flatMap(({ haul, conflicts }) =>
    conflicts.map(({ path, keptAs }) => `${shown(haul.to.join('/'))}/${path} -> ${keptAs}`),
  )
}

function leftIn({ surveys }: MigrationPlan, which: (survey: Survey) => Left[]): string[] {
  return surveys.flatMap((survey) =>
    which(survey).map(({ path, reason }) => `${shown(survey.haul.from.join('/'))}/${path}: ${reason}`),
  )
}

function leftInWords({ path, reason }: Left): string {
  return `${path}: ${reason}`
}

function unknownInWords({ unknown, from }: MigrationPlan): string[] {
  if (unknown.length === 0) return []
  const lines = unknown.flatMap(({ folder, candidates }) => {
    const name = printable(mapName(folder))
    if (candidates.length === 0) return [`  ${name} = `]
    return candidates.map((id, index) => `  ${index > 0 ? '# or: ' : ''}${name} = ${id}`)
  })
  return [
    `Not migrated: whose folders in ${from}/users these are is not known for certain. Put into a file, say map.txt,`,
    'which is whose (or - to leave one out), and add --map map.txt:',
    ...lines,
  ]
}

function peopleInWords({ people }: MigrationPlan): string[] {
  const strangers = people.filter(({ hasAccount }) => !hasAccount)
  return listed(
    'Without an account here: their files are copied, and wait for them. To add one: ' +
      'curl -X POST <url>/api/users -H "authorization: Bearer $TOKEN" -H "content-type: application/json" -d \'{"id":"<id>"}\'',
    strangers.map(({ user }) => user),
  )
}

function ownersInWords({ surveys, to, keepsOwners }: MigrationPlan, { notebook }: Wording): string[] {
  if (!keepsOwners) return ['Not run as root: the copies will belong to you, whoever the originals belong to.']
  const foreign = surveys.filter((survey) => survey.foreign > 0)
  const command = ({ haul }: Survey) =>
    `chown -hR ${notebook.uid}:${notebook.gid} ${shellQuote(`${to}/${shown(haul.to.join('/'))}`)}`
  return listed(
    `Copies keep their owners. Notebooks run as ${notebook.uid}:${notebook.gid} and could not change these; afterwards, to give them over`,
    foreign.map((survey) => `${countOf(survey.foreign, 'entry', 'entries')}: ${command(survey)}`),
    foreign.length,
  )
}

function hardLinksInWords({ surveys }: MigrationPlan): string[] {
  const count = surveys.reduce((sum, { hardLinks }) => sum + hardLinks, 0)
  return count === 0 ? [] : [`${countOf(count, 'file')} with several names (hard links): each name becomes a file.`]
}

function spaceInWords({ space }: MigrationPlan): string[] {
  return space.map(({ folders, neededBytes, freeBytes, fits }) => {
    const words = `${bytesInWords(neededBytes)} needed for ${folders.join(' and ')}, ${bytesInWords(freeBytes)} free`
    return fits ? `${words}: it fits.` : `${words}: IT DOES NOT FIT, in bytes or in number of files.`
  })
}

function containersInWords({ containers, from }: MigrationPlan, { publicUrl }: Wording): string[] {
  const { owners, ownerless, onLegacy, problems } = containers
  return [
    ...(owners.size > 0 ? [`Owners of ${countOf(owners.size, 'container')} are taken over.`] : []),
    ...listed(
      'Containers without a known owner',
      ownerless.map(({ container, recordedFor }) => printable(`${container}, recorded for ${recordedFor}`)),
    ),
    ...(onLegacy.length > 0
      ? [`These containers still use ${from}. After the migration, to make them anew on this root:`]
      : []),
    ...onLegacy.flatMap((container) => repairOf(container, publicUrl)),
    ...problems,
  ]
}

function repairOf(
  { name, state, source, environment, owner }: MigrationPlan['containers']['onLegacy'][number],
  url: string,
) {
  const post = (path: string, body?: object) =>
    `    curl -X POST ${shellQuote(`${url}${path}`)} -H "authorization: Bearer $TOKEN"` +
    (body ? ` -H 'content-type: application/json' -d ${shellQuote(JSON.stringify(body))}` : '')
  const id = encodeURIComponent(environment ?? name)
  return [
    `  ${printable(name)} (${state}, ${owner ?? 'owner not known'}, ${printable(source)})`,
    ...(environment
      ? []
      : [post(`/api/data/orphans/${id}/adopt`, { user_id: owner ?? '<user id>', template: 'jupyterlab' })]),
    post(`/api/environments/${id}/recreate`),
  ]
}

function listed(heading: string, lines: readonly string[], limit = most): string[] {
  if (lines.length === 0) return []
  const rest = lines.length > limit ? [`  … and ${lines.length - limit} more, see the report or --json`] : []
  return [`${heading}:`, ...lines.slice(0, limit).map((line) => `  ${line}`), ...rest]
}
