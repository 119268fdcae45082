import { expect, test } from 'vitest'
import { kernelsIn, type ServerAnswer, serverLook, terminalsIn } from '../../../../src/domain/idle/jupyter-activity.ts'

const date = 'Tue, 24 Nov 2026 19:08:53 GMT'
const contents = 'handler="jupyter_server.services.contents.handlers.ContentsHandler"'

function answer(body: unknown, status = 200): ServerAnswer {
  return { status, body: typeof body === 'string' ? body : JSON.stringify(body), date }
}

function kernel(execution_state: string, last_activity = '2026-11-24T19:06:04.104430Z') {
  return { id: 'k', name: 'python3', last_activity, execution_state, connections: 1 }
}

function look({
  kernels = answer([]),
  terminals = answer([]),
  metrics = answer(''),
}: {
  kernels?: ServerAnswer
  terminals?: ServerAnswer
  metrics?: ServerAnswer | null
}) {
  const [running, open] = [kernelsIn(kernels), terminalsIn(terminals)]
  return running && open && serverLook({ kernels: running, terminals: open, date: kernels.date, metrics })
}

test('a server without kernels and terminals is not busy', () => {
  expect(look({})).toEqual({ busy: false, lastActivity: null, serverNow: Date.parse(date), saves: 0 })
})

test('the last activity of all kernels and terminals counts', () => {
  const terminals = answer([{ name: '1', last_activity: '2026-11-24T19:06:14.511433Z' }])
  expect(look({ kernels: answer([kernel('idle')]), terminals })?.lastActivity).toBe(
    Date.parse('2026-11-24T19:06:14.511Z'),
  )
})

// Trouble (idleness): nobody has joined a kernel
test('only a computing kernel is busy, not a kernel that says "starting" because nobody has joined it', () => {
  const busy = (...states: string[]) => look({ kernels: answer(states.map((state) => kernel(state))) })?.busy
  expect(busy('idle', 'busy')).toBe(true)
  expect(busy('idle', 'starting', 'dead', 'unknown')).toBe(false)
})

test('saved, made, renamed and removed files are counted; reads and refused requests are not', () => {
  const metrics = answer(
    [
      `http_request_duration_seconds_bucket{${contents},le="0.005",method="PUT",status_code="200"} 90.0`,
      `http_request_duration_seconds_count{${contents},method="GET",status_code="200"} 70.0`,
      `http_request_duration_seconds_count{${contents},method="PUT",status_code="200"} 3.0`,
      `http_request_duration_seconds_count{${contents},method="PUT",status_code="201"} 1.0`,
      `http_request_duration_seconds_count{${contents},method="PUT",status_code="403"} 50.0`,
      `http_request_duration_seconds_count{${contents},method="DELETE",status_code="204"} 2.0`,
      'http_request_duration_seconds_count{handler="x",method="PUT",status_code="200"} 60.0',
    ].join('\n'),
  )
  expect(look({ metrics })?.saves).toBe(6)
})

test('a server without metrics gives no count of files, and a server without terminals is not busy', () => {
  expect(look({ metrics: null })?.saves).toBeNull()
  expect(look({ metrics: answer('', 403) })?.saves).toBeNull()
  expect(look({ terminals: answer({ message: 'Not found' }, 404) })?.busy).toBe(false)
})

// Trouble (idleness): a server does not report its activity, or reports nonsense
test.each([
  ['an error', { kernels: answer({ message: 'broken' }, 500) }],
  ['a refusal', { kernels: answer({ message: 'forbidden' }, 403) }],
  ['no JSON', { kernels: answer('<html>') }],
  ['something else', { kernels: answer({ kernels: [] }) }],
  ['a list of empty objects', { kernels: answer(Array(10).fill({})) }],
  ['a time that is no time', { kernels: answer([kernel('idle', 'yesterday')]) }],
  ['no date header', { kernels: { ...answer([]), date: null } }],
  ['a broken list of terminals', { terminals: answer('?') }],
])('%s gives no activity', (_, answers) => {
  expect(look(answers)).toBeNull()
})
