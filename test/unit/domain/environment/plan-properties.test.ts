import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Observation } from '../../../../src/domain/environment/environment.ts'
import { plan, type Seen, type Step } from '../../../../src/domain/environment/plan.ts'
import { container } from '../../../support/container.ts'
import { actions, type Mishap, mishaps, PlanWorld } from '../../../support/plan-world.ts'

const passesToRest = 5

/** One event of a history: somebody acts, a mishap happens, or the service makes (part of) a pass. */
type Event = { act: (typeof actions)[number] } | { happen: Mishap } | { steps: number; between: readonly Mishap[] }

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ act: fc.constantFrom(...actions) }),
  fc.record({ happen: fc.constantFrom(...mishaps) }),
  fc.record({
    steps: fc.constantFrom(1, 2, 3, 4, Number.POSITIVE_INFINITY),
    between: fc.array(fc.constantFrom(...mishaps), { maxLength: 3 }),
  }),
)
const history = fc.array(event, { maxLength: 30, size: 'large' })

function live(world: PlanWorld, event: Event): Step[] {
  if ('act' in event) world.act(event.act)
  else if ('happen' in event) world.happen(event.happen)
  else {
    const rest = [...event.between]
    return world.pass(event.steps, () => {
      const mishap = rest.shift()
      if (mishap) world.happen(mishap)
    })
  }
  return []
}

function after(events: readonly Event[]): PlanWorld {
  const world = new PlanWorld()
  for (const each of events) live(world, each)
  return world
}

describe('after any history:', () => {
  // Trouble (desired): actions and mishaps come in any order
  test('passes reach the desired state, without a second container, and never touch a foreign one', () => {
    fc.assert(
      fc.property(history, (events) => {
        const world = after(events) // throws if a plan touches a foreign container
        for (let passes = 0; passes < passesToRest; passes += 1) {
          world.calmDown()
          if (world.pass().length === 0) break
        }
        expect(world.disagreement()).toBe(null)
        expect(world.pass()).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })

  // Trouble (desired): actions and mishaps come in any order
  test('no container is created or started without proof', () => {
    fc.assert(
      fc.property(history, (events) => {
        const world = after(events)
        world.calmDown()
        world.isProven = false
        const before = world.container
        const kinds = world.pass().map(({ kind }) => kind)
        expect(kinds).not.toContain('create')
        expect(kinds).not.toContain('start')
        expect(world.container?.startedAt ?? null).toBe(world.container ? (before?.startedAt ?? null) : null)
      }),
      { numRuns: 2_000 },
    )
  })

  test('the plan is empty while the engine does not answer', () => {
    fc.assert(
      fc.property(history, fc.boolean(), (events, isProven) => {
        const world = after(events)
        world.happen('the engine goes')
        world.isProven = isProven
        expect(world.pass()).toEqual([])
      }),
    )
  })

  // Trouble (desired): actions and mishaps come in any order
  test('a start or restart that a person asked for is not lost, whatever happens before it is carried out', () => {
    const isByHand = (each: Event) =>
      ('happen' in each && each.happen === 'docker stop') || ('between' in each && each.between.includes('docker stop'))
    const withoutHands = history.map((events) => events.filter((each) => !isByHand(each)))
    const act = fc.constantFrom('start' as const, 'restart' as const)
    const passing = fc.constantFrom<Mishap>(
      ...([
        'the service is killed',
        'the engine goes',
        'the engine comes',
        'the proof breaks',
        'the proof holds',
      ] as const),
    )
    fc.assert(
      fc.property(withoutHands, act, fc.array(passing), (events, action, then) => {
        const world = after([...events, { act: action }, ...then.map((happen) => ({ happen }))])
        fc.pre(world.record?.desired === 'running')
        for (let passes = 0; passes < passesToRest; passes += 1) {
          world.calmDown()
          world.pass()
        }
        expect(world.record?.desired).toBe('running')
      }),
      { numRuns: 20_000 },
    )
  })

  // Trouble (desired): actions and mishaps come in any order
  test('a stop by hand is respected until somebody acts', () => {
    fc.assert(
      fc.property(history, (events) => {
        const world = after([...events, { act: 'start' }, { happen: 'is renamed back' }])
        for (let passes = 0; passes < passesToRest; passes += 1) {
          world.calmDown()
          world.pass()
        }
        fc.pre(world.record !== null && world.container?.foreign === 'no')
        world.happen('docker stop')
        world.pass()
        world.pass()
        expect([world.record?.desired, world.container?.state]).toEqual(['stopped', 'exited'])
        world.act('start')
        world.pass()
        expect([world.record?.desired, world.container?.state]).toEqual(['running', 'running'])
      }),
    )
  })
})

test('the plan keeps its rules for every combination, even one that no history leads to', () => {
  const states = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const
  const some = fc
    .record({
      containerId: fc.constantFrom('before', 'long before'),
      state: fc.constantFrom(...states),
      startedAt: fc.option(fc.nat(200)),
      finishedAt: fc.option(fc.nat(200)),
      exitCode: fc.option(fc.nat(255)),
      outOfMemory: fc.boolean(),
    })
    .map(container)
  const observation: fc.Arbitrary<Observation> = fc.oneof(
    fc.constant<Observation>({ kind: 'absent' }),
    fc.constant<Observation>({ kind: 'unreachable', reason: '' }),
    some.map((each): Observation => ({ kind: 'foreign', container: each, detail: '', adminDetail: '' })),
    some,
  )
  const seen: fc.Arbitrary<Seen> = fc.record({ observation, ready: fc.boolean(), stoppedByHand: fc.boolean() })
  const wanted = fc.record({
    desired: fc.constantFrom('running' as const, 'paused' as const, 'stopped' as const, 'gone' as const),
    restartRequestedAt: fc.option(fc.nat(200)),
    replaceContainer: fc.option(fc.constantFrom('before', 'long before')),
    safe: fc.boolean(),
    madeFrom: fc.constantFrom(null, 'latest' as const, { id: 'sha256:1', digest: null }),
    failure: fc.option(
      fc.record({
        code: fc.constantFrom('not-ready-in-time' as const, 'environment-exited' as const),
        detail: fc.constant(''),
        adminDetail: fc.constant(''),
        at: fc.nat(200),
      }),
    ),
  })
  fc.assert(
    fc.property(wanted, seen, fc.boolean(), (want, see, proven) => {
      const kinds = plan(want, see, proven).map(({ kind }) => kind)
      expect(new Set(kinds).size).toBe(kinds.length)
      if (!proven) expect(kinds.filter((kind) => kind === 'create' || kind === 'start')).toEqual([])
      // A second container is only made after the first is gone.
      if (see.observation.kind === 'container' && kinds.includes('create')) {
        expect(kinds.indexOf('remove')).toBeGreaterThanOrEqual(0)
        expect(kinds.indexOf('remove')).toBeLessThan(kinds.indexOf('create'))
      }
      // A container that works is removed for another one only if the image and the person's folder are there.
      if (see.observation.kind === 'container' && see.observation.state !== 'dead' && kinds.includes('create')) {
        const firstTouch = kinds.findIndex((kind) => kind === 'unpause' || kind === 'stop' || kind === 'remove')
        for (const kind of ['fetch-image', 'ensure-folder'] as const) {
          expect(kinds.indexOf(kind)).toBeGreaterThanOrEqual(0)
          expect(kinds.indexOf(kind)).toBeLessThan(firstTouch)
        }
      }
      // Nor is it removed before anybody knows whether there is a newer image.
      if (see.observation.kind === 'container' && want.desired !== 'gone' && want.madeFrom === 'latest') {
        if (kinds.includes('remove')) expect(kinds).toContain('fetch-image')
      }
      // A failed environment is left until somebody asks again; a stopped, paused or deleted one is never started.
      const mayStart = want.desired === 'running' && want.failure === null
      if (!mayStart) expect(kinds.filter((kind) => kind === 'create' || kind === 'start')).toEqual([])
    }),
    { numRuns: 5_000 },
  )
})
