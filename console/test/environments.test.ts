import { expect, test } from 'vitest'
import type { Environment } from '../src/api/bodies.ts'
import { plainLine } from '../src/environments/log-lines.ts'
import { offered } from '../src/environments/offered.ts'
import { sampleOf, withSample } from '../src/environments/samples.ts'
import { signOf, waits } from '../src/environments/status-words.ts'

const statuses: Environment['status'][] = [
  'pending',
  'pulling',
  'creating',
  'starting',
  'running',
  'paused',
  'stopping',
  'exited',
  'failed',
  'unknown',
]

test('each status offers what the service does, and the likeliest act first', () => {
  const desired_state = 'running'
  expect(offered({ desired_state, status: 'running' })).toEqual({
    open: true,
    first: null,
    others: ['pause', 'restart', 'stop', 'recreate', 'delete'],
  })
  expect(offered({ desired_state: 'paused', status: 'paused' })).toMatchObject({ open: true, first: 'resume' })
  expect(offered({ desired_state: 'stopped', status: 'exited' })).toMatchObject({ open: false, first: 'start' })
  expect(offered({ desired_state, status: 'failed' })).toMatchObject({ open: false, first: 'start' })
  for (const status of ['pending', 'pulling', 'creating', 'starting'] as const)
    expect(offered({ desired_state, status })).toEqual({ open: true, first: null, others: ['stop', 'delete'] })
})

test('whoever paused it by hand is offered a start, because the service refuses a resume', () => {
  expect(offered({ desired_state: 'stopped', status: 'paused' })).toMatchObject({ first: 'start' })
})

test('nothing is offered for an environment that is being deleted, and no act while its state is unknown', () => {
  for (const status of statuses)
    expect(offered({ desired_state: 'gone', status })).toEqual({ open: false, first: null, others: [] })
  expect(offered({ desired_state: 'running', status: 'unknown' })).toEqual({ open: true, first: null, others: [] })
})

test('an act under way has the word, unless the status says itself what goes on', () => {
  const transition = (action: NonNullable<Environment['transition']>['action']) => ({
    action,
    started_at: null,
    until: [],
  })
  expect(signOf({ status: 'running', transition: null })).toMatchObject({ word: 'status.running', moves: false })
  expect(signOf({ status: 'running', transition: transition('pause') })).toMatchObject({
    word: 'acting.pause',
    moves: true,
  })
  expect(signOf({ status: 'starting', transition: transition('start') })).toMatchObject({ word: 'status.starting' })
  expect(signOf({ status: 'failed', transition: transition('stop') })).toMatchObject({
    word: 'status.failed',
    moves: false,
  })
  expect(statuses.filter((status) => waits({ status }))).toEqual(['pending', 'pulling'])
})

test('rates come from two samples, and a counter that begins anew has none below zero', () => {
  const stats = (network_received_bytes: number) => ({
    cpu_percent: 5,
    memory_bytes: 1,
    memory_limit_bytes: 2,
    network_received_bytes,
    network_sent_bytes: 0,
    block_read_bytes: 0,
    block_written_bytes: 0,
    pids: 1,
  })
  let samples = withSample([], sampleOf(stats(1_000), 1_000))
  samples = withSample(samples, sampleOf(stats(5_000), 3_000))
  samples = withSample(samples, sampleOf(stats(0), 5_000))
  expect(samples.map(({ shown }) => shown.received)).toEqual([0, 2_000, 0])
  expect(withSample(samples, sampleOf(stats(9), 5_000))).toHaveLength(3) // the same answer again
})

test('a line of a log has nothing that steers a terminal, and of a progress bar its last state', () => {
  const plain = (text: string) => plainLine(JSON.stringify({ stream: 'stdout', text }))
  expect(plain('\x1b[1;31mred\x1b[0m <b>')).toBe('red <b>')
  expect(plain('\x1b[2J\x1b[10A\x1b[?25lmoved\x1b(B')).toBe('moved')
  expect(plain('\x1b]0;a title\x07bell\x07')).toBe('bell')
  expect(plain('\x1b]8;;https://evil.example/\x1b\\linked\x1b]8;;\x1b\\')).toBe('linked')
  expect(plain(' 10 %\r 50 %\r100 %\r')).toBe('100 %')
  expect(plain('a\tb\x9b')).toBe('a\tb')
})
