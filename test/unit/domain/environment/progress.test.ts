import { expect, test } from 'vitest'
import {
  advance,
  type Picture,
  type ProgressEvent,
  type Run,
  supersedes,
} from '../../../../src/domain/environment/progress.ts'
import type { PullState } from '../../../../src/domain/environment/pull.ts'

const words = { detail: 'It ended.', adminDetail: 'It ended, at /srv.' }
const pending: Picture = {
  status: 'pending',
  transition: { action: 'start', startedAt: 1, until: ['running', 'exited', 'failed'] },
  settled: false,
  activity: null,
  place: null,
  pull: null,
  words: null,
  code: null,
}
const running: Picture = { ...pending, status: 'running', transition: null, settled: true }
const failed: Picture = {
  ...pending,
  status: 'failed',
  transition: null,
  settled: true,
  words,
  code: 'not-ready-in-time',
}
const stopping: Picture = { ...pending, status: 'stopping', activity: 'stopping', code: 'not-ready-in-time' }
const phase = (activity: Picture['activity'], status: Picture['status'] = 'starting'): Picture => ({
  ...pending,
  status,
  activity,
})

/** The events between these pictures, which are 10 ms apart. */
function told(...pictures: Picture[]): ProgressEvent[] {
  let run: Run | null = null
  return pictures.flatMap((picture, at) => {
    const step = advance(run, picture, at * 10)
    run = step.run
    return step.events
  })
}

const kinds = (events: ProgressEvent[]) => events.map(({ kind }) => kind)

test('an environment that is settled from the start makes no event', () => {
  expect(told(running, running)).toEqual([])
})

test('the same picture again makes no event', () => {
  expect(kinds(told(pending, pending, phase('creating'), phase('creating')))).toEqual(['status', 'status', 'phase'])
})

test('a run makes an event for each phase, and at its end one with the time of each', () => {
  const events = told(pending, phase('creating', 'creating'), phase('starting'), phase('awaiting-ready'), running)
  expect(events.slice(1)).toEqual([
    { kind: 'status', status: 'creating', words: null, transition: pending.transition },
    { kind: 'phase', phase: 'creating' },
    { kind: 'status', status: 'starting', words: null, transition: pending.transition },
    { kind: 'phase', phase: 'starting' },
    { kind: 'phase', phase: 'awaiting-ready' },
    { kind: 'status', status: 'running', words: null, transition: null },
    { kind: 'ready', tookMs: 40, phases: { creating: 10, starting: 10, 'awaiting-ready': 10 } },
  ])
})

test('the times of a phase that comes twice are added, without the time in between', () => {
  const events = told(phase('starting'), pending, phase('starting'), running)
  expect(events.at(-1)).toEqual({ kind: 'ready', tookMs: 30, phases: { starting: 20 } })
})

test('a status event tells of work that begins while the status is still the same', () => {
  const transition = { action: 'pause', startedAt: 5, until: ['paused'] } as const
  const pausing: Picture = { ...running, transition, settled: false }
  expect(told(running, pausing, { ...pausing, transition: { ...transition } })).toEqual([
    { kind: 'status', status: 'running', words: null, transition },
  ])
  expect(
    told(pending, { ...pending, transition: { ...transition, until: ['running', 'exited', 'failed'] } }),
  ).toHaveLength(1)
})

test('an environment that was only unknown does not become ready again', () => {
  expect(kinds(told(running, { ...pending, status: 'unknown' }, running))).toEqual(['status', 'status'])
})

test('a new run begins when the service has work again, with its own times', () => {
  const run = advance(null, running, 0).run
  const begun = advance(run, phase('stopping', 'stopping'), 100)
  expect(begun).toMatchObject({ begins: true, run: { startedAt: 100, times: {} } })
  expect(advance(begun.run, phase('starting'), 200)).toMatchObject({ begins: false, run: { times: { stopping: 100 } } })
})

test('places and pulls make an event only when they change', () => {
  const queued: Picture = { ...pending, activity: 'queued', place: 3 }
  const events = told(queued, queued, { ...queued, place: 2 }, { ...queued, place: null })
  expect(events.filter(({ kind }) => kind === 'queued')).toEqual([
    { kind: 'queued', place: 3 },
    { kind: 'queued', place: 2 },
  ])
  const pull = { image: 'x:1' } as PullState
  const pulling: Picture = { ...phase('pulling', 'pulling'), pull }
  expect(
    told(pulling, pulling, { ...pulling, pull: { ...pull } }).filter(({ kind }) => kind === 'pulling'),
  ).toHaveLength(2)
})

test('a failure makes one event, even if the service then stops the failed environment in the same run', () => {
  const events = told(phase('starting'), failed, stopping, failed)
  expect(events.filter(({ kind }) => kind === 'failed')).toEqual([{ kind: 'failed', code: 'not-ready-in-time', words }])
  expect(advance(advance(null, failed, 0).run, stopping, 1).begins).toBe(false)
})

test('the same failure after another start makes another event', () => {
  expect(kinds(told(failed, phase('starting'), failed)).filter((kind) => kind === 'failed')).toHaveLength(1)
  expect(kinds(told(pending, failed, pending, failed)).filter((kind) => kind === 'failed')).toHaveLength(2)
})

test('only a new place or a new state of a pull replaces the event before', () => {
  const place = (n: number): ProgressEvent => ({ kind: 'queued', place: n })
  expect(supersedes(place(1), place(2))).toBe(true)
  expect(supersedes(place(1), { kind: 'phase', phase: 'queued' })).toBe(false)
  expect(supersedes({ kind: 'phase', phase: 'starting' }, { kind: 'phase', phase: 'creating' })).toBe(false)
})
