import { expect, test } from 'vitest'
import type { Consistency, Finding } from '../src/api/bodies.ts'
import { fitted } from '../src/lab/picture/fit.ts'
import { layoutOf, mostOf } from '../src/lab/picture/layout.ts'
import { type Facts, type Picture, pictureOf, stateOfRest } from '../src/lab/picture/picture.ts'

const at = '2026-11-27T02:00:00Z'
const root = '/app/ai-lab-data'
const host = '/srv/ai-lab-data'

function consistency(changes: Partial<Consistency> = {}): Consistency {
  return {
    status: 'proven',
    checked_at: at,
    took_ms: 1,
    root_id: 'x',
    backend_path: root,
    host_path: host,
    root: { status: 'proven', checked_at: at },
    environments: [
      { id: 'a', status: 'proven', checked_at: at },
      { id: 'b', status: 'proven', checked_at: at },
    ],
    findings: [],
    ...changes,
  }
}

function finding(code: Finding['code'], part: Finding['part'], changes: Partial<Finding> = {}): Finding {
  return {
    ...{ code, part, severity: 'error', environment_id: null, detail: code, remedy: '' },
    ...{ backend_path: root, host_path: host },
    ...changes,
  }
}

const running = (id: string) => ({ id, name: `name of ${id}`, status: 'running' as const })

function picture(of: Consistency, changes: Partial<Facts> = {}): Picture {
  const facts = { consistency: of, environments: [running('a'), running('b')], engineAnswers: true, room: null }
  return pictureOf({ ...facts, ...changes })
}

/** `part: state (why)` of each line. */
function linesOf({ lines }: Picture): string[] {
  return lines.map(({ part, state, why }) => `${part}: ${state}${why ? ` (${why})` : ''}`)
}

const environmentsOf = ({ environments }: Picture) => environments.drawn.map(({ id, state }) => `${id} ${state}`)
const foldersOf = (of: Picture) => of.folders.map(({ name, state }) => `${name} ${state}`)

const unproven = { status: 'unproven', root: { status: 'unproven', checked_at: at } } as const

test('all is well: five proven lines, and everything that they join', () => {
  const drawn = picture(consistency())
  expect(drawn).toMatchObject({ headline: 'proven', wrong: 0, breaks: [], checkedAt: at })
  expect(linesOf(drawn)).toEqual(
    ['identity', 'declared', 'engine', 'inside', 'recorded'].map((part) => `${part}: proven`),
  )
  expect(environmentsOf(drawn)).toEqual(['a proven', 'b proven'])
  expect(foldersOf(drawn)).toEqual(['shared proven', 'users proven', 'admin proven'])
  expect([drawn.backend.path, drawn.engine.path, drawn.disk.state]).toEqual([root, host, 'proven'])
})

// Trouble (mounts): the disk goes while an administrator looks at the page of the lab
test('the disk is away: its line is broken, and what nobody can look at without it is unknown', () => {
  const gone = finding('data-root-missing', 'identity')
  const entries = consistency().environments.map((each) => ({ ...each, status: 'unproven' as const }))
  const drawn = picture(consistency({ ...unproven, environments: entries, findings: [gone] }))
  expect(drawn).toMatchObject({ headline: 'unproven', disk: { state: 'broken' }, breaks: [gone] })
  expect(linesOf(drawn)).toEqual([
    'identity: broken',
    'declared: proven',
    'engine: unknown (root-first)',
    'inside: unknown (root-first)',
    'recorded: unknown (root-first)',
  ])
  expect(foldersOf(drawn)).toEqual(['shared unknown', 'users unknown', 'admin unknown'])
  expect(environmentsOf(drawn)).toEqual(['a unknown', 'b unknown'])
})

test('only shared/ is away: that folder alone is broken', () => {
  const findings = [finding('marker-missing', 'identity', { backend_path: `${root}/shared` })]
  const drawn = picture(consistency({ ...unproven, findings }))
  expect(foldersOf(drawn)).toEqual(['shared broken', 'users proven', 'admin proven'])
  expect([drawn.disk.state, drawn.backend.path]).toEqual(['proven', `${root}/shared`])
})

// Trouble (mounts): backend and engine have two data roots
test('two roots: the line to the engine is broken, with both paths at its ends', () => {
  const findings = [finding('engine-sees-another-root', 'engine', { host_path: '/opt/ai-lab-data' })]
  const drawn = picture(consistency({ ...unproven, findings }))
  expect(linesOf(drawn).slice(0, 4)).toEqual([
    'identity: proven',
    'declared: proven',
    'engine: broken',
    'inside: unknown (root-first)',
  ])
  expect([drawn.backend.path, drawn.engine.path]).toEqual([root, '/opt/ai-lab-data'])
})

test('one environment drifted: it comes first and is broken, and the data root stays proven', () => {
  const findings = [
    finding('mount-drift', 'recorded', { environment_id: 'b' }),
    finding('inside-unverifiable', 'inside', { environment_id: 'a', severity: 'note' }),
  ]
  const drawn = picture(consistency({ status: 'degraded', findings }))
  expect(drawn).toMatchObject({ headline: 'degraded', wrong: 1, disk: { state: 'proven' } })
  expect(environmentsOf(drawn)).toEqual(['b broken', 'a proven'])
  expect(linesOf(drawn).slice(3)).toEqual(['inside: proven', 'recorded: broken'])
  expect(drawn.breaks.map(({ code }) => code)).toEqual(['mount-drift'])
})

test('the environments at fault are counted before the list of all environments is there, each once', () => {
  const findings = [
    finding('mount-drift', 'recorded', { environment_id: 'b' }),
    finding('stale-mount', 'inside', { environment_id: 'b' }),
    finding('mount-mode', 'recorded', { environment_id: 'a', severity: 'warning' }),
    finding('inside-unverifiable', 'inside', { environment_id: 'c', severity: 'note' }),
  ]
  expect(picture(consistency({ status: 'degraded', findings }), { environments: [] }).wrong).toBe(2)
})

// Trouble (mounts): the engine goes while an administrator looks at the page of the lab
test('the engine is away: nothing is known, and nothing is called broken', () => {
  const unfinished = finding('proof-unfinished', 'engine', { host_path: '' })
  const drawn = picture(consistency({ ...unproven, findings: [unfinished] }), { engineAnswers: false })
  expect(drawn).toMatchObject({ headline: 'engine-away', engine: { isAway: true, state: 'unknown', path: host } })
  expect(new Set(drawn.lines.map(({ state, why }) => `${state} ${why}`))).toEqual(new Set(['unknown engine-away']))
  expect(environmentsOf(drawn)).toEqual(['a unknown', 'b unknown'])
  expect(foldersOf(drawn)[0]).toBe('shared unknown')
  // It answers, but the look did not come to its end.
  expect(picture(consistency({ ...unproven, findings: [unfinished] })).headline).toBe('unfinished')
})

test('nobody has looked yet', () => {
  const never = { status: 'unknown', checked_at: null } as const
  const drawn = picture(consistency({ ...never, root: never, environments: [] }), { engineAnswers: null })
  expect(drawn).toMatchObject({ headline: 'not-looked', checkedAt: null, disk: { state: 'unknown' } })
  expect(linesOf(drawn)[0]).toBe('identity: unknown (not-looked)')
})

test('without a running environment nobody looks inside, which is no fault', () => {
  const drawn = picture(consistency({ environments: [{ id: 'a', status: 'unknown', checked_at: at }] }))
  expect(linesOf(drawn)[3]).toBe('inside: unknown (none-runs)')
  expect(drawn.headline).toBe('proven')
})

test('of many environments the worst are drawn one by one, and the rest is counted', () => {
  const environments = Array.from({ length: 1000 }, (_, index) => running(`e${index}`))
  const entries = environments.map(({ id }) => ({ id, status: 'proven' as const, checked_at: at }))
  const findings = ['e500', 'e999'].map((id) => finding('stale-mount', 'inside', { environment_id: id }))
  const { environments: drawn } = picture(consistency({ status: 'degraded', environments: entries, findings }), {
    environments,
  })
  expect(drawn.drawn.slice(0, 3).map(({ id }) => id)).toEqual(['e500', 'e999', 'e0'])
  expect([drawn.total, drawn.drawn.length, drawn.rest.proven]).toEqual([1000, 23, 977])
})

const widths = [320, 336, 520, 699, 700, 1100, 1300]

test('ten thousand environments are drawn within a moment', () => {
  const environments = Array.from({ length: 10_000 }, (_, index) => running(`e${index}`))
  const entries = environments.map(({ id }) => ({ id, status: 'proven' as const, checked_at: at }))
  const findings = environments.map(({ id }) => finding('mount-drift', 'recorded', { environment_id: id }))
  const began = performance.now()
  picture(consistency({ status: 'degraded', environments: entries, findings }), { environments })
  expect(performance.now() - began).toBeLessThan(300)
})

test.each(widths)('at %i pixels everything is inside of the picture, and no box lies on another', (width) => {
  const environments = { total: 100, drawn: Array.from({ length: mostOf(width) - 1 }), rest: {} } as never
  const layout = layoutOf(width, environments)
  const { disk, backend, engine } = layout
  const boxes = [disk, backend, engine, layout.environments]
  for (const { x, y, width: wide, height } of [...boxes, ...layout.tiles, ...Object.values(layout.folders)]) {
    expect([x >= 0, y >= 0, wide > 40, x + wide <= width + 0.01, y + height <= layout.height + 0.01]).not.toContain(
      false,
    )
  }
  const overlaps = boxes.flatMap((one, index) =>
    boxes.slice(index + 1).filter((other) => {
      const apartX = one.x + one.width <= other.x || other.x + other.width <= one.x
      return !apartX && one.y < other.y + other.height && other.y < one.y + one.height
    }),
  )
  expect(overlaps).toEqual([])
  expect(layout.tiles).toHaveLength(mostOf(width))
  expect(layout.height).toBeLessThanOrEqual(700)
})

test('a text that is too long is cut at whole letters, from the end that matters less', () => {
  expect(fitted('short', 100, 7)).toBe('short')
  expect(fitted('/a/very/long/path/ai-lab-data', 84, 7, 'end')).toBe('…ai-lab-data')
  expect(fitted('environment 1234 of many', 84, 7, 'both')).toBe('environ…any')
  expect(fitted('w'.repeat(100), 70, 7)).toBe('wwwwww…')
  expect(fitted('x'.repeat(10_000), 70, 7)).toBe('xxxxxxxxx…')
  expect(fitted('👩‍🔬'.repeat(100), 70, 7)).toBe('👩‍🔬👩‍🔬👩‍🔬👩‍🔬…')
})

test('the tile of all further environments is proven only if each of them is', () => {
  const none = { proven: 0, broken: 0, warning: 0, unknown: 0 }
  expect(stateOfRest({ ...none, proven: 9 })).toBe('proven')
  expect(stateOfRest({ ...none, proven: 9, unknown: 1 })).toBe('unknown')
  expect(stateOfRest({ ...none, unknown: 9, warning: 1 })).toBe('warning')
  expect(stateOfRest({ proven: 9, broken: 1, warning: 1, unknown: 1 })).toBe('broken')
})
