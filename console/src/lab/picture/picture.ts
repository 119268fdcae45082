import type { Consistency, Environment, Finding, Part } from '../../api/bodies.ts'

/** `broken`: the service found it wrong. `unknown`: the service could not look. */
export type State = 'proven' | 'broken' | 'warning' | 'unknown'
/** Why something is unknown. */
export type Why = 'not-looked' | 'engine-away' | 'unfinished' | 'root-first' | 'none-runs'

export const folders = ['shared', 'users', 'admin'] as const
export type Folder = (typeof folders)[number]

/** One part of the proof, as a line between two things. */
export type Line = { part: Part; state: State; why: Why | null; findings: readonly Finding[] }
export type DrawnEnvironment = { id: string; name: string; status: Environment['status']; state: State }

/** The state of the whole, by the name of its headline. */
export type Headline = 'proven' | 'degraded' | 'unproven' | 'engine-away' | 'unfinished' | 'not-looked'

/** All that the picture of the data root shows. */
export type Picture = {
  headline: Headline
  /** How many environments are not on the right files. */
  wrong: number
  checkedAt: string | null
  lines: readonly Line[]
  disk: { state: State; path: string; room: Room | null }
  folders: readonly { name: Folder; state: State }[]
  backend: { state: State; path: string }
  engine: { state: State; isAway: boolean; path: string | null }
  environments: { total: number; drawn: readonly DrawnEnvironment[]; rest: Record<State, number> }
  /** All faults, the worst first. */
  breaks: readonly Finding[]
}

export type Room = { usedBytes: number; totalBytes: number }

export type Facts = {
  consistency: Consistency
  environments: readonly Pick<Environment, 'id' | 'name' | 'status'>[]
  /** True if the engine answers; null: not known yet. */
  engineAnswers: boolean | null
  room: Room | null
}

const parts = ['identity', 'declared', 'engine', 'inside', 'recorded'] as const satisfies Part[]

/** Makes the picture from the service's answers. It names at most `most` environments one by one. Pure. */
export function pictureOf({ consistency, environments, engineAnswers, room }: Facts, most = 24): Picture {
  const { findings, backend_path, host_path, root } = consistency
  const hindrance = hindranceOf(consistency, engineAnswers)
  const lines = parts.map((part) => lineOf(part, consistency, hindrance))
  const own = findings.filter(({ environment_id }) => environment_id === null)
  const atFault = (path: string) => own.find((each) => each.severity === 'error' && each.backend_path === path)
  const isDiskGone = own.some((each) => each.part === 'identity' && isAt(each, backend_path))
  const stateOfOne = createStateOf(consistency, hindrance)
  const all = environments.map(({ id, name, status }) => ({ id, name, status, state: stateOfOne(id) }))
  const identity = stateOf(lines, 'identity')
  const breakAt = own.find(({ severity, code }) => severity === 'error' && code !== 'proof-unfinished')
  return {
    headline: headlineOf(consistency, hindrance),
    wrong: wrongIn(findings),
    checkedAt: consistency.checked_at ?? root.checked_at,
    lines,
    disk: { state: isDiskGone ? 'broken' : identity === 'broken' ? 'proven' : identity, path: backend_path, room },
    folders: folders.map((name) => {
      const isBroken = atFault(`${backend_path}/${name}`)?.part === 'identity'
      if (isBroken) return { name, state: 'broken' as const }
      return { name, state: isDiskGone ? ('unknown' as const) : identity === 'broken' ? ('proven' as const) : identity }
    }),
    backend: { state: identity === 'unknown' ? 'unknown' : 'proven', path: breakAt?.backend_path || backend_path },
    engine: {
      state: hindrance ? 'unknown' : 'proven',
      isAway: hindrance === 'engine-away',
      path: breakAt?.host_path || host_path,
    },
    environments: grouped(all, most),
    breaks: findings.filter(({ severity }) => severity !== 'note'),
  }
}

/** By the findings alone: the list of everybody's environments may come later. */
function wrongIn(findings: readonly Finding[]): number {
  const wrong = findings.filter(({ severity, environment_id }) => severity !== 'note' && environment_id !== null)
  return new Set(wrong.map(({ environment_id }) => environment_id)).size
}

/** The reason why the service could not look at all; null if it looked. */
function hindranceOf({ root, findings }: Consistency, engineAnswers: boolean | null): Why | null {
  if (root.status === 'unknown') return 'not-looked'
  if (engineAnswers === false) return 'engine-away'
  return findings.some(({ code }) => code === 'proof-unfinished') ? 'unfinished' : null
}

function headlineOf({ status, root }: Consistency, hindrance: Why | null): Headline {
  if (hindrance === 'not-looked' || hindrance === 'engine-away' || hindrance === 'unfinished') return hindrance
  if (root.status === 'unproven') return 'unproven'
  return status === 'unknown' ? 'not-looked' : status
}

function lineOf(part: Part, consistency: Consistency, hindrance: Why | null): Line {
  const findings = consistency.findings.filter((each) => each.part === part && each.code !== 'proof-unfinished')
  const line = (state: State, why: Why | null = null): Line => ({ part, state, why, findings })
  if (hindrance) return line('unknown', hindrance)
  if (findings.some(({ severity }) => severity === 'error')) return line('broken')
  const isRootWrong = consistency.findings.some((each) => each.part === 'identity' && each.severity === 'error')
  if (part === 'engine' && isRootWrong) return line('unknown', 'root-first')
  const isOfEnvironments = part === 'inside' || part === 'recorded'
  if (isOfEnvironments && consistency.root.status === 'unproven') return line('unknown', 'root-first')
  if (findings.some(({ severity }) => severity === 'warning')) return line('warning')
  return isOfEnvironments ? ofEnvironments(part, consistency, line) : line('proven')
}

function ofEnvironments(
  part: 'inside' | 'recorded',
  { environments, checked_at }: Consistency,
  line: (state: State, why?: Why) => Line,
): Line {
  if (checked_at === null) return line('unknown', 'not-looked')
  if (part === 'recorded') return line('proven')
  return environments.some(({ status }) => status === 'proven') ? line('proven') : line('unknown', 'none-runs')
}

/** Gives the state of one environment by its id; there may be ten thousand. */
function createStateOf({ environments, findings }: Consistency, hindrance: Why | null): (id: string) => State {
  const proven = new Set(environments.filter(({ status }) => status === 'proven').map(({ id }) => id))
  const withSeverity = (wanted: Finding['severity']) =>
    new Set(findings.filter(({ severity }) => severity === wanted).map(({ environment_id }) => environment_id))
  const [broken, warned] = [withSeverity('error'), withSeverity('warning')]
  return (id) => {
    if (hindrance) return 'unknown'
    if (broken.has(id)) return 'broken'
    if (warned.has(id)) return 'warning'
    // An unproven environment without a finding of its own only shares the fault of the data root.
    return proven.has(id) ? 'proven' : 'unknown'
  }
}

const worstFirst: readonly State[] = ['broken', 'warning', 'proven', 'unknown']

/** The state of several environments that are drawn as one: proven only if all are. */
export function stateOfRest(rest: Record<State, number>): State {
  return (['broken', 'warning', 'unknown'] as const).find((state) => rest[state] > 0) ?? 'proven'
}

function grouped(all: readonly DrawnEnvironment[], most: number): Picture['environments'] {
  const sorted = all.toSorted((one, other) => worstFirst.indexOf(one.state) - worstFirst.indexOf(other.state))
  const shown = sorted.length > most ? sorted.slice(0, most - 1) : sorted
  const rest = { proven: 0, broken: 0, warning: 0, unknown: 0 }
  for (const { state } of sorted.slice(shown.length)) rest[state] += 1
  return { total: all.length, drawn: shown, rest }
}

function isAt({ severity, backend_path }: Finding, path: string): boolean {
  return severity === 'error' && backend_path === path
}

function stateOf(lines: readonly Line[], part: Part): State {
  return lines.find((line) => line.part === part)?.state ?? 'unknown'
}
