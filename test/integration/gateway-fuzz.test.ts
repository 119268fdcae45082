// Thousands of malformed and unusual requests at raw sockets: none gets anything through, mixes up answers, or stays.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Chance, createChance } from '../e2e/support/chance.ts'
import { collectGarbage } from '../support/collect-garbage.ts'
import { answerable, badFrame, spoilt, unanswerable, unusual, type Way } from '../support/fuzz.ts'
import { type GatewayLab, openGatewayLab, upgradeRequest } from '../support/gateway.ts'
import { socketsAt } from '../support/open-sockets.ts'
import { rounds } from '../support/rounds.ts'

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000)
const named = `(FUZZ_SEED=${seed})`
const malformed = rounds(10_000)
const others = rounds(2_000)
const atOnce = 100
const patienceMs = 150
const limitMs = 8_000 // shorter than the gateway waits for the other side of a WebSocket
const memoryAtMost = 32 * 2 ** 20

let open: GatewayLab
let way: Way
let before: { connections: number; memory: number }

beforeAll(async () => {
  console.log(`FUZZ_SEED=${seed}`)
  open = await openGatewayLab()
  way = { id: open.id, token: open.owner.token }
  await open.ask(`/env/${open.id}/x`)
  before = { connections: await open.upstream.connections(), memory: memoryInUse() }
})
afterAll(() => open[Symbol.asyncDispose]())

afterEach(async () => {
  expect(open.upstream.smuggled).toEqual([])
  expect((await open.ask(`/env/${open.id}/x`)).status).toBe(200)
  const left = () => ({ atGateway: socketsAt(open.port), inEnvironment: open.upstream.underWay() })
  await expect.poll(left).toEqual({ atGateway: 0, inEnvironment: 0 })
  await expect.poll(() => open.upstream.connections()).toBeLessThan(before.connections + 2 * atOnce)
  expect(memoryInUse() - before.memory).toBeLessThan(memoryAtMost)
}, 60_000)

function memoryInUse(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Does it so many times, many at once, each with its own chance. */
async function often(count: number, act: (chance: Chance, index: number) => Promise<void>): Promise<void> {
  const { int } = createChance(seed)
  for (let done = 0; done < count; done += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, index) => act(createChance(int(2 ** 31)), done + index)))
  }
}

type Conversation = AsyncDisposable & {
  socket: Socket
  received(): string
  /** Whether the connection ends within that time; it is cut otherwise. */
  ends(withinMs: number): Promise<boolean>
}

async function converse(): Promise<Conversation> {
  const socket = connect({ port: open.port, host: '127.0.0.1', allowHalfOpen: true })
  let text = ''
  socket.setEncoding('latin1').on('data', (part) => (text += part))
  socket.on('error', () => {}).on('end', () => socket.end())
  const closed = once(socket, 'close')
  await once(socket, 'connect')
  return {
    socket,
    received: () => text,
    async ends(withinMs) {
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        socket.destroy()
      }, withinMs)
      await closed
      clearTimeout(timer)
      return !isLate
    },
    async [Symbol.asyncDispose]() {
      socket.destroy()
      await closed
    },
  }
}

function canary(index: number): { name: string; request: string } {
  const name = `canary-${index}-`
  return { name, request: get(`/env/${way.id}/${name}`, 'Connection: close\r\n') }
}

function get(path: string, more = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${way.token}\r\n${more}\r\n`
}

function answersIn(text: string): string[] {
  return text.split(/(?=HTTP\/1\.1 \d{3} )/)
}

// Trouble (input): a malformed request smuggles another one past the gateway, mixes up answers, or ends the service
test(`${malformed} malformed requests reach no environment unasked, and no answer belongs to another request ${named}`, async () => {
  await often(malformed, async (chance, index) => {
    const { name, request } = canary(index)
    const isAnswerable = chance.part() < 0.7
    const isSpoilt = chance.part() < 0.5
    const text = (isAnswerable ? answerable : unanswerable)(chance, way)
    await using at = await converse()
    at.socket.write((isSpoilt ? spoilt(text, chance) : text) + request, 'latin1')
    const mustAnswer = isAnswerable && !isSpoilt
    await at.ends(mustAnswer ? limitMs : patienceMs)
    if (mustAnswer || at.received() !== '')
      expect([text, at.received()]).toEqual([text, expect.stringMatching(/^HTTP\/1\.1 \d{3} /)])
    for (const [found] of at.received().matchAll(/canary-\d+-/g)) expect(found).toBe(name)
  })
})

// Trouble (input): a request is cut or answered wrongly because it is written in an unusual way
test(`${others} requests that are unusual but allowed are answered, and so is the next one on their connection ${named}`, async () => {
  await often(others, async (chance, index) => {
    const { name, request } = canary(index)
    const path = `/env/${way.id}/unusual-${index}-`
    const text = unusual(chance, way, path) + request
    await using at = await converse()
    const cut = chance.int(text.length)
    at.socket.write(text.slice(0, cut))
    await sleep(chance.int(3))
    at.socket.write(text.slice(cut))
    await at.ends(limitMs)
    const answers = answersIn(at.received()).filter((answer) => !answer.startsWith('HTTP/1.1 100 '))
    const of = (asked: string) => expect.stringMatching(new RegExp(`^HTTP/1\\.1 200 [^]*"url":"[^"]*/${asked}`))
    expect([text, ...answers]).toEqual([text, of(`unusual-${index}-`), of(name)])
  })
})

// Trouble (input): clients that go away in the midst of anything leave sockets behind, and in the end nobody gets in
test(`${others} clients that leave at any moment leave nothing behind ${named}`, async () => {
  const base = `/env/${way.id}`
  const post = `POST ${base}/slow-taker HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${way.token}\r\n`
  const requests = [
    get(`${base}/x`),
    get(`${base}/octets?300000`),
    get(`${base}/events`),
    get(`${base}/never`),
    get(`${base}/late`) + get(`${base}/x`) + get(`${base}/never`),
    `${post}Content-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`,
    `${post}Transfer-Encoding: chunked\r\n\r\n${`400\r\n${'x'.repeat(1024)}\r\n`.repeat(20)}0\r\n\r\n`,
    ...['ws', 'hesitating', 'refused', 'ending'].map((path) => upgradeRequest(`${base}/${path}`, way.token)),
  ]
  await often(others, async ({ pick, part, int }) => {
    const text = pick(requests)
    await using at = await converse()
    at.socket.write(part() < 0.5 ? text : text.slice(0, int(text.length)))
    await Promise.race([sleep(int(40)), ...(part() < 0.3 ? [once(at.socket, 'data').catch(() => {})] : [])])
    const leave = pick(['end', 'destroy', 'resetAndDestroy'] as const)
    at.socket[leave]()
    expect([text, leave, await at.ends(limitMs)]).toEqual([text, leave, true])
  })
})

// Trouble (input): bad frames on a WebSocket end the gateway, or it takes them for a request
test(`bad frames on ${others} WebSockets arrive as they are, and their end ends both sides ${named}`, async () => {
  await often(others, async (chance) => {
    const { int, part, pick } = chance
    const sent = Buffer.concat(Array.from({ length: 1 + int(20) }, () => badFrame(chance, way)))
    await using at = await converse()
    const early = part() < 0.3 ? int(sent.length) : 0
    at.socket.write(upgradeRequest(`/env/${way.id}/ws`, way.token))
    at.socket.write(sent.subarray(0, early))
    const until = async (holds: (body: string) => boolean) => {
      while (!holds(bodyOf(at.received()) ?? ''))
        await once(at.socket, 'data', { signal: AbortSignal.timeout(limitMs) })
    }
    await until(() => bodyOf(at.received()) !== null)
    expect(at.received()).toMatch(/^HTTP\/1\.1 101 /)
    for (let from = early; from < sent.length; ) {
      const size = 1 + int(1_000)
      at.socket.write(sent.subarray(from, from + size))
      from += size
      if (part() < 0.2) await sleep(int(3))
    }
    if (part() < 0.3) return // leaves without a word
    await until(({ length }) => length === sent.length)
    expect(bodyOf(at.received())).toBe(sent.toString('latin1'))
    at.socket[pick(['end', 'destroy', 'resetAndDestroy'] as const)]()
    expect(await at.ends(limitMs)).toBe(true)
  })
})

/** What has come after the head of an answer; null before its end. */
function bodyOf(text: string): string | null {
  const end = text.indexOf('\r\n\r\n')
  return end < 0 ? null : text.slice(end + 4)
}
