import type { RequestListener } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { DockerEngineOptions } from '../../src/docker/docker-engine.ts'
import type { Engine } from '../../src/ports/engine.ts'
import { imposter } from '../support/engine-imposter.ts'
import { realEngine } from '../support/engine-real.ts'
import { createEngineWorld } from '../support/engine-world.ts'
import { createFakeEngine } from '../support/fake-engine.ts'

const puppet = {
  command: [],
  say: async () => {},
  exit: async () => {},
  exhaustMemory: async () => {},
  removeImage: async () => {},
}
await using world = await createEngineWorld(createFakeEngine(), puppet)
const spec = world.spec()
const probe = { name: 'ai-lab-probe-x', hostPath: '/srv/secret-path' }
const signal = new AbortController().signal

/** The mounts of a process in a container: only there does the service ask the engine for its own mounts. */
const mountinfo = `/var/lib/docker/containers/${'a'.repeat(64)}/hostname /etc/hostname`
const engineAt = (options: Partial<DockerEngineOptions>) => realEngine({ readText: async () => mountinfo, ...options })

const first = (things: AsyncIterable<unknown>) => things[Symbol.asyncIterator]().next()

/** Every call of the port, by its name. */
const calls: [string, (engine: Engine) => Promise<unknown>][] = [
  ['info', (engine) => engine.info()],
  ['inspect', (engine) => engine.inspect('one')],
  ['list', (engine) => engine.list()],
  ['create', (engine) => engine.create(spec)],
  ['start', (engine) => engine.start('one')],
  ['stop', (engine) => engine.stop('one', 0)],
  ['pause', (engine) => engine.pause('one')],
  ['unpause', (engine) => engine.unpause('one')],
  ['remove', (engine) => engine.remove('one')],
  ['findImage', (engine) => engine.findImage('one:1')],
  ['namelessImages', (engine) => engine.namelessImages('label')],
  ['pull', (engine) => engine.pull('one:1', () => {})],
  ['logs', (engine) => engine.logs('one', 1)],
  ['followLogs', (engine) => first(engine.followLogs('one', 1, { signal }))],
  ['stats', (engine) => engine.stats('one')],
  ['look', (engine) => engine.look(probe, ['marker'])],
  ['read', (engine) => engine.read(probe, 'marker')],
  ['seeInside', (engine) => engine.seeInside('one')],
  ['runErrand', (engine) => engine.runErrand(world.errand('exit 0'), () => {})],
  ['endErrands', (engine) => engine.endErrands({ name: 'label', value: 'mine' })],
  ['importImage', (engine) => engine.importImage('one:1', async () => new Uint8Array(0))],
  ['witnesses', (engine) => engine.witnesses()],
  ['forgetWitness', (engine) => engine.forgetWitness('witness')],
  ['keepWitness', (engine) => engine.keepWitness({ name: 'witness', rootId: 'root', hostPath: '/srv/secret-path' })],
  ['variable', (engine) => engine.variable('one', 'NAME')],
  ['ownMountSource', (engine) => engine.ownMountSource('/app')],
  ['wasStopped', (engine) => engine.wasStopped('one', 0)],
  ['events', (engine) => first(engine.events({ signal }))],
]

const unavailable = {
  code: 'engine-unavailable',
  detail: expect.not.stringMatching(/secret-path|\.sock/),
}

describe('No engine:', () => {
  // Trouble (input): the engine hangs while the service starts
  test.each(calls)('without an engine, %s says that the engine does not answer', async (_, call) => {
    using engine = engineAt({ socket: 'unix:///nowhere/engine.sock' })
    await expect(call(engine)).rejects.toMatchObject({
      ...unavailable,
      detail: expect.stringMatching(/^The container engine does not answer: could not .+\.$/),
      adminDetail: expect.stringContaining('ENOENT'),
    })
  })

  test.each(calls)('without an engine, %s of the fake engine fails too', async (_, call) => {
    const engine = createFakeEngine()
    engine.reachable = false
    await expect(call(engine)).rejects.toMatchObject(unavailable)
  })

  test('without an engine, a call over TCP fails too', async () => {
    using engine = engineAt({ socket: 'tcp://127.0.0.1:1' })
    await expect(engine.list()).rejects.toMatchObject({
      ...unavailable,
      adminDetail: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

describe('An engine that never answers:', () => {
  const silence: RequestListener = () => {}
  const limits = { callLimitMs: 30, slowCallLimitMs: 30 }

  // Trouble (input): the engine is slow, answers 500, or dies in mid-answer
  test.each(calls.filter(([name]) => name !== 'pull'))('%s gives up on an engine that is silent', async (_, call) => {
    await using server = await imposter(silence)
    using engine = engineAt({ socket: server.socket, ...limits })
    await expect(call(engine)).rejects.toMatchObject({
      ...unavailable,
      detail: expect.stringMatching(/^The container engine took too long: could not .+\.$/),
      adminDetail: expect.stringContaining('took longer than 30 ms'),
    })
  })

  test("the caller's abort ends the wait for a silent engine, with the caller's reason", async () => {
    const leaving = new AbortController()
    const reason = new Error('the person left')
    await using server = await imposter(() => leaving.abort(reason))
    using engine = engineAt({ socket: server.socket })
    await expect(engine.inspect('one', { signal: leaving.signal })).rejects.toBe(reason)
  })

  test("the caller's abort ends a wait for events without an error", async () => {
    const leaving = new AbortController()
    await using server = await imposter(() => leaving.abort())
    using engine = engineAt({ socket: server.socket })
    expect(await Array.fromAsync(engine.events({ signal: leaving.signal }))).toEqual([])
  })
})

describe('An engine that answers 500:', () => {
  const failure: RequestListener = (_, response) => {
    response
      .writeHead(500, { 'content-type': 'application/json' })
      .end('{"message":"something broke in /srv/secret-path"}')
  }

  // Trouble (input): the engine is slow, answers 500, or dies in mid-answer
  test.each(calls.filter(([name]) => name !== 'pull'))('%s turns a 500 into engine-unavailable', async (_, call) => {
    await using server = await imposter(failure)
    using engine = engineAt({ socket: server.socket })
    await expect(call(engine)).rejects.toMatchObject({
      ...unavailable,
      adminDetail: expect.stringContaining('something broke in /srv/secret-path'),
    })
  })
})

describe('An engine that dies in mid-answer:', () => {
  const death: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
    response.write('{"Id":', () => response.destroy())
  }
  // Without the calls that need only the head of the answer (look), and those whose streams merely end (events).
  const whole = calls.filter(([name]) => !['look', 'read', 'events'].includes(name))

  // Trouble (input): the engine is slow, answers 500, or dies in mid-answer
  test.each(whole)('%s turns an answer that breaks off into engine-unavailable at once', async (_, call) => {
    await using server = await imposter(death)
    using engine = engineAt({ socket: server.socket, callLimitMs: 600_000, slowCallLimitMs: 600_000 })
    await expect(call(engine)).rejects.toMatchObject(unavailable)
  })

  test('a stream of events that breaks off gives the events so far, then ends', async () => {
    const event =
      '{"Action":"die","Actor":{"Attributes":{"ai-lab.environment":"one"}},"timeNano":1790000000123456789}\n'
    await using server = await imposter((_, response) => response.write(event, () => response.destroy()))
    using engine = engineAt({ socket: server.socket })
    expect(await Array.fromAsync(engine.events({ signal }))).toEqual([
      { environmentId: 'one', action: 'die', at: 1790000000123 },
    ])
  })

  // Trouble (input): memory runs out in a copy of a container (docker commit, docker run)
  test('memory that ran out in a copy is no event of the environment, though the copy has its label', async () => {
    const event = (Action: string, name: string) =>
      `${JSON.stringify({ Action, Actor: { Attributes: { 'ai-lab.environment': 'one', name } }, timeNano: 1e18 })}\n`
    const all = [event('oom', 'copy'), event('die', 'copy'), event('oom', 'one')]
    await using server = await imposter((_, response) => response.end(all.join('')))
    using engine = engineAt({ socket: server.socket })
    const actions = (await Array.fromAsync(engine.events({ signal }))).map(({ action }) => action)
    expect(actions).toEqual(['die', 'oom'])
  })

  // Trouble (input): the engine goes away and comes back
  test('the next call after a broken answer reaches the engine again', async () => {
    let answers = 0
    await using server = await imposter((request, response) => {
      answers += 1
      if (answers === 2) request.socket.destroy()
      else response.setHeader('content-type', 'application/json').end('{"Version":"1","ApiVersion":"1.41"}')
    })
    using engine = engineAt({ socket: server.socket })
    await engine.info()
    await expect(engine.info()).rejects.toMatchObject(unavailable)
    expect(await engine.info()).toEqual({ version: '1', apiVersion: '1.41' })
  })
})

describe('Pulls:', () => {
  const lines = (...messages: object[]) => messages.map((message) => `${JSON.stringify(message)}\n`).join('')

  test('a pull reports the bytes of each layer and of all together, wherever the answer breaks', async () => {
    const text = lines(
      { status: 'Pulling from library/x', id: '1' },
      { status: 'Downloading', id: 'a', progressDetail: { current: 10, total: 100 } },
      { status: 'Downloading', id: 'b', progressDetail: { current: 5, total: 50 } },
      { status: 'Download complete', id: 'a' },
      { status: 'Extracting', id: 'a', progressDetail: { current: 1, total: 100 } },
    )
    await using server = await imposter(async (_, response) => {
      for (const character of text) await new Promise((resolve) => response.write(character, resolve))
      response.end()
    })
    using engine = engineAt({ socket: server.socket })
    const seen: object[] = []
    await engine.pull('x:1', (progress) => seen.push(progress))
    const a = { id: 'a', phase: 'downloading', currentBytes: 10, totalBytes: 100 }
    const b = { id: 'b', phase: 'downloading', currentBytes: 5, totalBytes: 50 }
    const loaded = { ...a, phase: 'downloaded', currentBytes: 100 }
    expect(seen).toEqual([
      { currentBytes: 10, totalBytes: 100, layers: [a] },
      { currentBytes: 15, totalBytes: 150, layers: [a, b] },
      { currentBytes: 105, totalBytes: 150, layers: [loaded, b] },
      { currentBytes: 105, totalBytes: 150, layers: [{ ...loaded, phase: 'extracting' }, b] },
    ])
  })

  test("a pull that the registry refuses gives the registry's words", async () => {
    const refusal = {
      error: 'toomanyrequests',
      errorDetail: { message: 'toomanyrequests: you have reached your limit' },
    }
    await using server = await imposter((_, response) => response.end(lines({ status: 'Pulling' }, refusal)))
    using engine = engineAt({ socket: server.socket })
    await expect(engine.pull('x:1', () => {})).rejects.toMatchObject({
      code: 'image-unavailable',
      detail: expect.stringContaining('you have reached your limit'),
    })
  })

  test('a pull is given up if the engine never answers', async () => {
    await using server = await imposter(() => {})
    using engine = engineAt({ socket: server.socket, callLimitMs: 10, pullStallLimitMs: 50 })
    await expect(engine.pull('x:1', () => {})).rejects.toMatchObject({ code: 'image-unavailable' })
  })

  // Trouble (input): an image is missing and cannot be pulled
  test('a pull is given up if it makes no progress', async () => {
    const progress = { status: 'Downloading', id: 'a', progressDetail: { current: 10, total: 100 } }
    await using server = await imposter((_, response) => response.write(lines(progress)))
    using engine = engineAt({ socket: server.socket, pullStallLimitMs: 50 })
    await expect(engine.pull('x:1', () => {})).rejects.toMatchObject({
      code: 'image-unavailable',
      detail: expect.stringContaining('sent nothing for'),
    })
  })

  test('a pull ends when the caller aborts it, and its connection closes', async () => {
    const leaving = new AbortController()
    const closed = Promise.withResolvers<void>()
    await using server = await imposter((_, response) => {
      response.once('close', closed.resolve)
      response.write(lines({ status: 'Downloading', id: 'a', progressDetail: { current: 1, total: 2 } }))
    })
    using engine = engineAt({ socket: server.socket })
    const reason = new Error('enough')
    const pull = engine.pull('x:1', () => leaving.abort(reason), { signal: leaving.signal })
    await expect(pull).rejects.toBe(reason)
    await closed.promise
  })
})

test('A slow reader of logs slows the engine down instead of filling the memory', async () => {
  const frame = Buffer.alloc(8 + 16 * 1024, 'x')
  frame.set([1, 0, 0, 0, 0, 0, 64, 0])
  const all = 64 * 2 ** 20
  let written = 0
  await using server = await imposter((request, response) => {
    if (!request.url?.includes('/logs')) return response.setHeader('content-type', 'application/json').end('[]')
    const writeOn = () => {
      while (written < all && response.write(frame)) written += frame.length
      if (written >= all) response.end()
    }
    response.on('drain', writeOn)
    writeOn()
  })
  using engine = engineAt({ socket: server.socket })
  let seen = 0
  for await (const { text } of engine.followLogs('one', 1, { signal })) {
    if (seen === 0) {
      for (let turn = 0; turn < 200; turn += 1) await engine.list()
      expect(written).toBeLessThan(all / 16)
    }
    seen += text.length
  }
  expect(seen).toBeGreaterThanOrEqual(all)
})

// Trouble (cost): the stats of an ended container are reported as an outage of the engine
test.each([
  ['nothing at all', ''],
  ['zeros, read in the year 1', JSON.stringify({ read: '0001-01-01T00:00:00Z', cpu_stats: { cpu_usage: {} } })],
  ['empty fields', JSON.stringify({ read: '2026-01-01T00:00:00Z', cpu_stats: {}, memory_stats: {}, pids_stats: {} })],
  ['no fields', '{}'],
])('The engine gives %s as the stats of a container: the container is not up', async (_, told) => {
  await using server = await imposter((_request, response) => {
    response.setHeader('content-type', 'application/json').end(told)
  })
  using engine = engineAt({ socket: server.socket })
  expect(await engine.stats('one')).toBeNull()
})

// Trouble (cost): the engine reads and sends a whole long log for its newest lines
test('The service asks the engine for few lines if they are long, and for all lines if they are short', async () => {
  const asked: number[] = []
  let lineBytes = 3_000
  await using server = await imposter((request, response) => {
    const tail = Number(new URL(request.url ?? '', 'http://engine').searchParams.get('tail'))
    asked.push(tail)
    const header = Buffer.from([1, 0, 0, 0, 0, 0, lineBytes >> 8, lineBytes & 255])
    const frame = Buffer.concat([header, Buffer.alloc(lineBytes - 1, 'x'), Buffer.from('\n')])
    for (let count = 0; count < tail; count += 1) response.write(frame)
    response.end()
  })
  using engine = engineAt({ socket: server.socket })
  const long = await engine.logs('one', 10_000)
  expect(long).toMatchObject({ isCut: true })
  expect(long?.lines.length).toBe(Math.floor(2 ** 20 / 2_999))
  expect(asked).toEqual([256, 1024])

  lineBytes = 50
  asked.length = 0
  expect(await engine.logs('one', 10_000)).toMatchObject({ isCut: false, lines: { length: 10_000 } })
  expect(asked).toEqual([256, 1024, 4096, 10_000])
})
