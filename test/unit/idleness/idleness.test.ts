import { expect, test } from 'vitest'
import type { Activity, Container, Environment } from '../../../src/domain/environment/environment.ts'
import type { Note } from '../../../src/domain/environment/status.ts'
import type { IdleLimits } from '../../../src/domain/idle/idle.ts'
import type { ServerAnswer } from '../../../src/domain/idle/jupyter-activity.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { createIdleness } from '../../../src/idleness/idleness.ts'

const minute = 60_000
const hour = 60 * minute
const noon = Date.parse('2026-11-24T12:00:00Z')
const limits: IdleLimits = { 'idle-pause': 30 * minute, 'idle-stop': 12 * hour, 'max-runtime': 24 * hour }

/** One environment, started at noon, with a look each minute; tests turn the clocks by hand. */
function createScene({ type = 'jupyter' as Environment['launch']['type'] } = {}) {
  const launch = { type, image: '', command: [], environment: {}, port: 1, openPath: '/', readyPath: '/' }
  const scene = {
    today: noon,
    steady: 7,
    /** How far the two clocks drift apart at each reading. */
    driftMs: 0,
    /** How much time passes with each reading of the steady clock. */
    lapseMs: 0,
    limits,
    answers: true,
    kernel: { execution_state: 'idle', last_activity: new Date(noon).toISOString() },
    asked: 0,
    /** How much of a core its processes take; null if the engine gives no figure. */
    load: 0.01 as number | null,
    hasEnded: false,
    cpuTimeMs: 0,
    told: [] as string[],
    writes: 0,
    /** Runs before a change is written: the action of somebody else at that moment. */
    meanwhile: () => {},
    /** Runs in each look. */
    whileLooking: () => {},
    activity: null as Activity | null,
    note: null as Note | null,
    container: {
      ...{ kind: 'container', state: 'running', startedAt: noon },
      address: { host: '127.0.0.1', port: 1 },
    } as Container,
    record: {
      ...{
        id: 'e1',
        userId: userId.parse('a@lab'),
        name: 'e1',
        template: 't',
        token: 's',
        hostPort: null,
        createdAt: noon,
      },
      launch: { ...launch, readyWithinMs: 1 },
      resources: { memoryBytes: 1, cpuCores: 1, gpus: 0, pids: 1 },
      desired: 'running',
      ...{
        restartRequestedAt: null,
        replaceContainer: null,
        madeFrom: 'latest',
        safe: false,
        failure: null,
        lastActivityAt: null,
        idleAction: null,
        upstream: null,
        outOfMemoryAt: null,
      },
    } as Environment,
    /** Lets time pass, with a look each minute, or every `everyMs`. */
    async wait(minutes: number, everyMs = minute) {
      for (let passedMs = 0; passedMs < minutes * minute; passedMs += everyMs) {
        scene.today += everyMs
        scene.steady += everyMs
        scene.cpuTimeMs += everyMs * (scene.load ?? 0)
        await idleness.round({ signal: new AbortController().signal })
      }
    },
    work() {
      scene.kernel.last_activity = new Date(scene.today).toISOString()
    },
    /** Notes an event, with the minutes after noon by the steady clock. */
    tell(what: string) {
      scene.told.push(`${Math.round((scene.steady - 7) / minute)}: ${what}`)
    },
  }
  const answer = (body: unknown): ServerAnswer => ({
    status: 200,
    body: JSON.stringify(body),
    date: new Date(scene.today).toUTCString(),
  })
  const idleness = createIdleness({
    store: {
      async *pages() {
        yield [structuredClone(scene.record)]
      },
      get: async () => structuredClone(scene.record),
      async change(_id, change, { as } = {}) {
        scene.meanwhile()
        const { desired, lastActivityAt } = scene.record
        if (as && (as.desired !== desired || as.lastActivityAt !== lastActivityAt)) return null
        scene.record = { ...scene.record, ...change } as Environment
        scene.writes += 1
        return scene.record
      },
    },
    runtime: () => ({
      seen: { observation: scene.container, ready: true },
      activity: scene.activity,
      note: scene.note,
      queuePlace: null,
      requestedAt: null,
      outOfMemory: null,
      pull: null,
    }),
    limitsOf: async () => scene.limits,
    async getText(url) {
      scene.asked += 1
      scene.whileLooking()
      return scene.answers ? answer(url.includes('kernels') ? [scene.kernel] : []) : null
    },
    async cpuTimeMs() {
      if (scene.load === null) throw new Error('The engine gives no figure.')
      return scene.hasEnded ? null : scene.cpuTimeMs
    },
    redirect: () => scene.tell(`desired ${scene.record.desired}`),
    wake: () => scene.tell('woken'),
    notify: (_id, { action, at, reason }) =>
      scene.tell(`${action} announced for ${(at - noon) / minute}: ${reason.split(',')[0]}`),
    clock: {
      now() {
        scene.today += scene.driftMs
        return scene.today
      },
      steady() {
        scene.steady += scene.lapseMs
        return scene.steady
      },
    },
    log: {
      acts: (_id, cause) => scene.tell(cause),
      unknown: () => scene.tell('unknown'),
      broken: (_id, error) => scene.tell(`broken: ${error}`),
    },
  })
  return scene
}

// Trouble (idleness): nobody uses an environment
test('the service announces a pause and a stop five minutes before each', async () => {
  const scene = createScene()
  await scene.wait(31)
  scene.container = { ...scene.container, state: 'paused' }
  await scene.wait(12 * 60)
  expect(scene.told).toEqual([
    '25: pause announced for 30: It is paused in 5 minutes',
    '30: idle-pause',
    '30: desired paused',
    '715: stop announced for 720: It is stopped in 5 minutes',
    '720: idle-stop',
    '720: desired stopped',
  ])
})

test('an announcement gives the remaining time in whole units, however long a look takes', async () => {
  const scene = createScene()
  scene.limits = { ...limits, 'idle-pause': 5_000 }
  scene.lapseMs = 3
  await scene.wait(5 / 60, 1_000)
  expect(scene.told[0]).toMatch(/ It is paused in 1 second$/)
})

test('an environment is not paused while it is used', async () => {
  const scene = createScene()
  for (let times = 0; times < 5; times += 1) {
    await scene.wait(20)
    scene.work()
  }
  scene.kernel.execution_state = 'busy'
  await scene.wait(60)
  expect(scene.told).toEqual([])
})

test('work after an announcement cancels it, and the idle time starts again', async () => {
  const scene = createScene()
  await scene.wait(27)
  scene.work()
  await scene.wait(26)
  expect(scene.told).toHaveLength(2)
  expect(scene.told[1]).toBe('52: pause announced for 57: It is paused in 5 minutes')
})

// Trouble (idleness): the time of day jumps
test('the pause comes at the same time although the time of day jumps by hours', async () => {
  const scene = createScene()
  await scene.wait(10)
  scene.work()
  await scene.wait(5)
  scene.today += 9 * hour
  await scene.wait(5)
  scene.today -= 20 * hour
  await scene.wait(20)
  scene.container = { ...scene.container, state: 'paused' }
  await scene.wait(12 * 60)
  expect(scene.told.filter((line) => line.includes('idle'))).toEqual(['40: idle-pause', '730: idle-stop'])
})

test('the last activity is recorded at most once a minute, and only if there was any', async () => {
  const scene = createScene()
  await scene.wait(20)
  expect(scene.writes).toBe(1)
  expect(scene.record.lastActivityAt).toBe(noon)
  scene.work()
  await scene.wait(1)
  expect(scene.record.lastActivityAt).toBe(noon + 20 * minute)
  scene.kernel.execution_state = 'busy'
  await scene.wait(10, 5_000)
  expect(scene.writes).toBe(12)
})

test('the recorded activity stays the same to the millisecond without new activity, even when the service acts', async () => {
  const scene = createScene()
  await scene.wait(1)
  scene.driftMs = 1
  await scene.wait(30)
  expect(scene.record).toMatchObject({ desired: 'paused', lastActivityAt: noon })
})

test('the service logs a server that does not report its activity once, and does nothing', async () => {
  const scene = createScene()
  scene.answers = false
  await scene.wait(90)
  expect(scene.told).toEqual(['1: unknown'])
  scene.answers = true
  await scene.wait(1)
  scene.answers = false
  await scene.wait(1)
  expect(scene.told.at(-1)).toBe('92: unknown')
})

// Trouble (idleness): somebody acts at the same moment
test('the service does not act if somebody acts at the same moment', async () => {
  const scene = createScene()
  await scene.wait(29)
  scene.meanwhile = () => {
    scene.record.lastActivityAt = scene.today
  }
  await scene.wait(1)
  expect(scene.record.desired).toBe('running')
  expect(scene.told.filter((line) => line.includes('idle'))).toEqual([])
})

// Trouble (idleness): a Jupyter server calls a kernel idle that computes
test('an environment whose processes compute is not paused although its server calls it idle', async () => {
  const scene = createScene()
  scene.load = 0.5
  await scene.wait(90)
  scene.load = null
  await scene.wait(90)
  expect(scene.record.desired).toBe('running')
  scene.load = 0.01
  await scene.wait(2)
  expect(scene.record.desired).toBe('paused')
  expect(scene.told[0]).toBe('25: pause announced for 30: It is paused in 5 minutes')
  expect(scene.told.slice(-2)).toEqual(['182: idle-pause', '182: desired paused'])
})

// Trouble (idleness): somebody works while the engine gives no figures
test('after work, an environment is announced again before its pause, although the engine gave no figures meanwhile', async () => {
  const scene = createScene()
  await scene.wait(25)
  scene.load = null
  await scene.wait(1)
  scene.work()
  await scene.wait(34)
  expect(scene.told.slice(1)).toEqual([
    '26: unknown',
    '51: pause announced for 56: It is paused in 5 minutes',
    '52: unknown',
  ])
  scene.work()
  await scene.wait(1)
  scene.load = 0.01
  await scene.wait(30)
  expect(scene.told.slice(-3)).toEqual([
    '85: pause announced for 90: It is paused in 5 minutes',
    '90: idle-pause',
    '90: desired paused',
  ])
})

test('a container that has ended by the time of a look is no failure of the engine', async () => {
  const scene = createScene({ type: 'vscode' })
  scene.hasEnded = true
  await scene.wait(60)
  expect(scene.told).toEqual([])
})

// Trouble (idleness): nobody uses an editor, whose server does not report its use
test.each(['vscode', 'web'] as const)(
  'an environment of the type %s is not asked, and is unused once the gateway has told nothing of it',
  async (type) => {
    const scene = createScene({ type })
    await scene.wait(20)
    scene.record.lastActivityAt = scene.today - 1 // written by the gateway
    await scene.wait(32)
    expect(scene.asked).toBe(0)
    expect(scene.told).toEqual([
      '45: pause announced for 50: It is paused in 5 minutes',
      '50: idle-pause',
      '50: desired paused',
    ])
  },
)

// Trouble (idleness): a computation runs in an editor's terminal, and no page is open
test.each(['vscode', 'web'] as const)(
  'an environment of the type %s is in use while its processes compute',
  async (type) => {
    const scene = createScene({ type })
    scene.load = 0.5
    await scene.wait(120)
    expect(scene.told).toEqual([])
    scene.load = 0.01
    await scene.wait(31)
    expect(scene.told.at(-1)).toBe('150: desired paused')
  },
)

test('an environment of another type without figures of the engine only ends at its longest run', async () => {
  const scene = createScene({ type: 'vscode' })
  scene.load = null
  await scene.wait(24 * 60)
  expect(scene.told).toEqual([
    '1: unknown',
    '1435: stop announced for 1440: It is stopped in 5 minutes: it may run for 24 hours at most.',
    '1440: max-runtime',
    '1440: desired stopped',
  ])
})

test('the reconciler is asked to look if the start time is unknown', async () => {
  const scene = createScene()
  scene.container = { ...scene.container, startedAt: null }
  await scene.wait(1)
  scene.container = { ...scene.container, startedAt: noon }
  await scene.wait(1)
  expect(scene.told).toEqual(['1: woken'])
})

test.each([
  ['is to be gone', { desired: 'gone' }, null],
  ['is to be stopped', { desired: 'stopped' }, null],
  ['is just being restarted', {}, 'stopping'],
  ['has failed', { failure: { code: 'not-ready-in-time', detail: '', adminDetail: '', at: 1 } }, null],
] as const)('an environment that %s is not looked at', async (_, changes, activity) => {
  const scene = createScene()
  scene.activity = activity
  scene.record = { ...scene.record, ...changes }
  await scene.wait(60)
  expect([scene.asked, scene.told]).toEqual([0, []])
})

const refused = { code: 'engine-refused', detail: 'Could not pause it.', adminDetail: '', at: 1 } as const

test.each([
  ['paused', 'running'],
  ['running', 'paused'],
  ['running', 'running'],
] as const)('limits hold if the engine refused what was asked: desired %s, and %s', async (desired, state) => {
  const scene = createScene()
  scene.limits = { 'idle-pause': null, 'idle-stop': null, 'max-runtime': 20 * minute }
  scene.record = { ...scene.record, desired, failure: refused }
  scene.container = { ...scene.container, state }
  await scene.wait(19)
  expect(scene.record).toMatchObject({ desired, failure: refused })
  await scene.wait(2)
  expect(scene.record).toMatchObject({ desired: 'stopped', failure: null })
})

test('the limits hold if the engine refused the stop of a restart', async () => {
  const scene = createScene()
  scene.limits = { 'idle-pause': null, 'idle-stop': null, 'max-runtime': 20 * minute }
  scene.record = { ...scene.record, failure: refused, restartRequestedAt: noon }
  await scene.wait(21)
  expect(scene.record).toMatchObject({ desired: 'stopped', failure: null })
})

test('the limits hold for a container that stayed because there was no image for a new one', async () => {
  const scene = createScene()
  scene.record = { ...scene.record, failure: { ...refused, code: 'image-unavailable' } }
  await scene.wait(31)
  expect(scene.record).toMatchObject({ desired: 'paused', failure: null })
})

test('an environment that is to be gone is left alone, also if the engine refused to remove it', async () => {
  const scene = createScene()
  scene.record = { ...scene.record, desired: 'gone', failure: refused }
  await scene.wait(60)
  expect([scene.asked, scene.told]).toEqual([0, []])
})

test.each([{ restartRequestedAt: noon }, { replaceContainer: 'c1' }])(
  'the longest run does not stop an environment that is about to restart: %o',
  async (asked) => {
    const scene = createScene()
    scene.limits = { 'idle-pause': null, 'idle-stop': null, 'max-runtime': 20 * minute }
    scene.container = { ...scene.container, containerId: 'c1' }
    await scene.wait(19)
    scene.record = { ...scene.record, ...asked }
    await scene.wait(5)
    expect(scene.record.desired).toBe('running')
    scene.container = { ...scene.container, containerId: 'c2', startedAt: scene.today }
    await scene.wait(21)
    expect(scene.record.desired).toBe('stopped')
  },
)

// Trouble (idleness): somebody lets a new container wait for their folder, to run for longer than the longest time
test.each([{ restartRequestedAt: noon }, { replaceContainer: 'c1' }])(
  'the limits hold while a restart or a new container waits: %o',
  async (asked) => {
    const scene = createScene()
    scene.limits = { 'idle-pause': null, 'idle-stop': null, 'max-runtime': 20 * minute }
    scene.container = { ...scene.container, containerId: 'c1' }
    scene.record = { ...scene.record, ...asked }
    scene.note = { detail: 'Your folder cannot be used.', adminDetail: '' }
    await scene.wait(20)
    expect(scene.record).toMatchObject({ desired: 'stopped', idleAction: { cause: 'max-runtime' } })
  },
)

// Trouble (idleness): somebody asks for a start again and again, to run for longer than the longest time
test('the longest run ends although somebody asks for a start during each look', async () => {
  const scene = createScene()
  scene.limits = { 'idle-pause': null, 'idle-stop': null, 'max-runtime': 20 * minute }
  scene.whileLooking = () => {
    scene.record = { ...scene.record, lastActivityAt: scene.today }
  }
  await scene.wait(20)
  expect(scene.record).toMatchObject({ desired: 'stopped', lastActivityAt: scene.today })
})

// Trouble (idleness): somebody restarts an environment at the moment when its longest run ends
test.each([
  ['asks for a restart', { restartRequestedAt: noon }, {}],
  ['asks for a new container', { replaceContainer: 'c1' }, {}],
  ['pauses it', { desired: 'paused' }, {}],
  ['has restarted it', {}, { startedAt: noon + 20 * minute }],
  ['has recreated it', {}, { containerId: 'c2' }],
] as const)('the longest run does not end by the service if somebody %s during the look', async (_, asked, seen) => {
  const scene = createScene()
  scene.limits = { 'idle-pause': null, 'idle-stop': null, 'max-runtime': 20 * minute }
  scene.container = { ...scene.container, containerId: 'c1' }
  await scene.wait(19)
  scene.whileLooking = () => {
    scene.record = { ...scene.record, ...asked, lastActivityAt: scene.today }
    scene.container = { ...scene.container, ...seen }
  }
  await scene.wait(1)
  expect(scene.record.desired).not.toBe('stopped')
})

// Trouble (idleness): somebody restarts an environment just before its longest run ends
test('the longest run does not stop the run after a restart, although the service looks during the start', async () => {
  const scene = createScene()
  scene.limits = { 'idle-pause': null, 'idle-stop': null, 'max-runtime': 20 * minute }
  await scene.wait(19)
  scene.activity = 'awaiting-ready'
  scene.container = { ...scene.container, startedAt: null } // as the reconciler leaves it until the new run is ready
  await scene.wait(2)
  scene.activity = null
  scene.container = { ...scene.container, startedAt: scene.today }
  await scene.wait(19)
  expect(scene.record.desired).toBe('running')
  await scene.wait(1)
  expect(scene.record.desired).toBe('stopped')
})

// Trouble (idleness): somebody pauses and resumes an environment before its longest run ends, to run for longer
test('a pause and a resume do not put off the end of the longest run, although a look falls between them', async () => {
  const scene = createScene()
  scene.limits = { 'idle-pause': null, 'idle-stop': null, 'max-runtime': 20 * minute }
  await scene.wait(18)
  scene.record = { ...scene.record, desired: 'paused', lastActivityAt: scene.today }
  await scene.wait(1)
  scene.record = { ...scene.record, desired: 'running', lastActivityAt: scene.today }
  await scene.wait(1)
  expect(scene.told).toEqual([
    '16: stop announced for 20: It is stopped in 4 minutes: it may run for 20 minutes at most.',
    '20: max-runtime',
    '20: desired stopped',
  ])
})
