import { mapName } from '../domain/migration/legacy-map.ts'
import type { Left, Survey } from '../domain/migration/migration.ts'
import { exitCodeOf, type MigrationPlan, type MigrationResult } from '../domain/migration/migration-plan.ts'
import { shown } from '../lib/octets.ts'
import { printable } from '../lib/printable.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { sizeInWords } from '../lib/size-in-words.ts'
import { legacyContainersInWords } from './legacy-containers-words.ts'
import { countOf } from './words.ts'

/** Lines that belong together; the first one is their heading. */
export type Section = string[]

export type Wording = { notebook: { uid: number; gid: number }; publicUrl: string }

/** How many entries of a kind to print; the report has all of them. */
const most = 20

/** Says what was found. */
export function planInWords(plan: MigrationPlan, wording: Wording): Section[] {
  return [
    [
      `From ${printable(plan.from)} to ${printable(plan.to)}`,
      ...plan.surveys.map(surveyInWords),
      ...mergesInWords(plan),
    ],
    listed('Conflicts: this root keeps its own file, the legacy one is put beside it', conflictsIn(plan)),
    listed('Cannot be read, or compared', leftIn(plan.surveys, 'failed')),
    listed('Not copied', leftIn(plan.surveys, 'skipped')),
    listed('Not migrated, look at these yourself', plan.strange.map(leftInWords)),
    listed("Not migrated, as it is the earlier platform's own", plan.platforms),
    listed('Left out, as the mapping file says', plan.leftOut),
    unknownInWords(plan),
    strangersInWords(plan, wording),
    ownersInWords(plan, wording),
    ...legacyContainersInWords(plan, wording.publicUrl),
    spaceInWords(plan),
  ].filter((section) => section.length > 0)
}

/** Says what was done, and what to do next. */
export function endInWords(plan: MigrationPlan, result: MigrationResult | null, command: string): Section[] {
  return [
    listed('Not copied, see to these', (result?.failed ?? []).map(leftInWords)),
    [
      ...(result ? [`Copied ${countOf(result.files, 'file')}.`] : []),
      ...(result?.cutShort ? [result.cutShort] : []),
      verdict(plan, result, command),
    ],
  ].filter((section) => section.length > 0)
}

function verdict(plan: MigrationPlan, result: MigrationResult | null, command: string): string {
  const code = exitCodeOf(plan, result)
  if (result) {
    if (code === 1) return `Not all is migrated. Run it again when it can be: ${command} --apply`
    if (code === 2) return 'What could be decided is migrated. The rest waits for your decision, see above.'
    const users = countOf(plan.containers.onLegacy.length, 'container still uses it', 'containers still use it')
    if (plan.containers.onLegacy.length > 0)
      return `All is migrated. ${plan.from} is as it was, and ${users}: see above.`
    return `All is migrated. ${plan.from} is as it was: remove it once you are sure that nobody needs it.`
  }
  if (plan.space.some(({ fits }) => !fits)) return 'It does not fit: nothing is copied before there is room.'
  const isDone = plan.surveys.every(({ branch }) => branch === null) && plan.containers.owners.size === 0
  if (!isDone) return `Nothing was changed. To do it: ${command} --apply`
  return code === 0
    ? 'There is nothing left to do.'
    : 'There is nothing left to copy. The rest waits for you, see above.'
}

function surveyInWords({ haul, fresh, identical, conflicts, settled }: Survey): string {
  const words = [
    `${fresh.files.toLocaleString('en')} new (${sizeInWords(fresh.bytes)})`,
    `${identical.files.toLocaleString('en')} identical`,
    `${conflicts.length.toLocaleString('en')} in conflict`,
    ...(settled > 0 ? [`${settled.toLocaleString('en')} kept on both sides`] : []),
  ]
  const [from, to] = [shown(haul.from.join('/')), shown(haul.to.join('/'))]
  return `  ${from === to ? from : `${from} -> ${to}`}: ${words.join(', ')}`
}

/** Several folders of one person: when the second one is compared, the first one's files are not copied yet. */
function mergesInWords({ surveys }: MigrationPlan): string[] {
  const groups = Map.groupBy(surveys, ({ haul }) => haul.to.join('/'))
  const merged = [...groups].filter(([, group]) => group.length > 1).map(([to]) => shown(to))
  return merged.map(
    (to) => `  Several folders go to ${to}. Where they differ shows when they are copied; both sides are kept.`,
  )
}

function conflictsIn({ surveys }: MigrationPlan): string[] {
  return surveys.flatMap(({ haul, conflicts }) =>
    conflicts.map(({ path, keptAs }) => `${shown(haul.to.join('/'))}/${path} -> ${keptAs}`),
  )
}

function leftIn(surveys: readonly Survey[], which: 'skipped' | 'failed'): string[] {
  return surveys.flatMap(({ haul, [which]: left }) =>
    left.map(({ path, reason }) => `${shown(haul.from.join('/'))}/${path}: ${reason}`),
  )
}

function leftInWords({ path, reason }: Left): string {
  return `${path}: ${reason}`
}

function unknownInWords({ unknown }: MigrationPlan): Section {
  if (unknown.length === 0) return []
  // Comment out the candidates with #: a person may paste these lines unread, and that must not make a guess.
  const lines = unknown.flatMap(({ folder, candidates }) => {
    const name = printable(mapName(folder))
    return candidates.length === 0 ? [`  ${name} = `] : candidates.map((id) => `  # ${name} = ${id}`)
  })
  return [
    'Not migrated, as it is not certain whose these folders are. Put these lines into a file, add the ids of the users,',
    'or take the # from the right one, or write - to leave a folder out; then add --map <file>:',
    ...lines,
  ]
}

function strangersInWords({ people }: MigrationPlan, { publicUrl }: Wording): Section {
  const add = (id: string) =>
    `curl -X POST ${shellQuote(`${publicUrl}/api/users`)} -H "authorization: Bearer $TOKEN" ` +
    `-H 'content-type: application/json' -d '{"id":"${id}"}'`
  const ids = new Set(people.filter(({ hasAccount }) => !hasAccount).map(({ user }) => user))
  return listed('Without an account here; their files are copied and wait. To add one', [...ids].map(add))
}

function ownersInWords({ surveys, to, keepsOwners }: MigrationPlan, { notebook }: Wording): Section {
  if (!keepsOwners) return ['You are not root: the copies will belong to you, whoever the originals belong to.']
  const { uid, gid } = notebook
  const commands = surveys
    .filter(({ foreign }) => foreign > 0)
    .map(({ foreign, haul }) => {
      const folder = shellQuote(`${to}/${shown(haul.to.join('/'))}`)
      return `${countOf(foreign, 'entry', 'entries')}: chown -hR ${uid}:${gid} ${folder}`
    })
  const heading = `Copies keep their owners, but notebooks run as ${uid}:${gid}. To give these over, after the migration`
  return listed(heading, commands, Number.POSITIVE_INFINITY)
}

function spaceInWords({ space, surveys }: MigrationPlan): Section {
  const hardLinks = surveys.reduce((sum, survey) => sum + survey.hardLinks, 0)
  return [
    ...(hardLinks > 0
      ? [`${countOf(hardLinks, 'new file')} with several names (hard links): each name becomes a file.`]
      : []),
    ...space
      .filter(({ neededBytes }) => neededBytes > 0)
      .map(({ folders, neededBytes, freeBytes, fits }) => {
        const need = `${sizeInWords(neededBytes)} needed for ${folders.join(', ')}, ${sizeInWords(freeBytes)} free`
        return fits ? `${need}: it fits.` : `${need}: it does not fit, in bytes or in number of files.`
      }),
  ]
}

export function listed(heading: string, lines: readonly string[], limit = most): Section {
  if (lines.length === 0) return []
  const more = lines.length > limit ? [`  … and ${lines.length - limit} more: see the report, or use --json`] : []
  return [`${heading}:`, ...lines.slice(0, limit).map((line) => `  ${line}`), ...more]
}
