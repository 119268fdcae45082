// Thousands of malformed requests at raw sockets: none gets anything through, mixes up answers, or stays.
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createChance } from '../e2e/support/chance.ts'
import { type GatewayLab, openGatewayLab, upgradeRequest } from '../support/gateway.ts'
import { rounds } from '../support/rounds.ts'

const count = rounds(10_000)
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000)
const atOnce = 100
const patienceMs = 150

let open: GatewayLab
beforeAll(async () => {
  open = await openGatewayLab()
})
afterAll(() => open[Symbol.asyncDispose]())

const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T

/** A request that nobody authorized, in the body of another one: it must never reach an environment. */
const smuggled = (id: string) => `GET /env/${id}/SMUGGLED HTTP/1.1\r\nHost: x\r\n\r\n`

function malformed(random: () => number, id: string, token: string): string {
  const auth = `Host: x\r\nAuthorization: Bearer ${token}\r\n`
  const to = (method: string, rest: string) => `${method} /env/${id}/x HTTP/1.1\r\n${auth}${rest}`
  const inner = smuggled(id)
  const text = pick(random, [
    () => to('POST', `Content-Length: ${inner.length - 5}\r\n\r\n${inner}`),
    () => to('POST', `Content-Length: ${inner.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`),
    () =>
      to(
        'POST',
        `Transfer-Encoding: ${pick(random, ['xchunked', ' chunked', 'chunked, identity', 'identity'])}\r\n\r\n0\r\n\r\n${inner}`,
      ),
    () =>
      to(
        'POST',
        `Transfer-Encoding: chunked\r\n\r\n${pick(random, ['-1', 'fffffffff', '5;x="', '0x5', ' 5'])}\r\n${inner}\r\n0\r\n\r\n`,
      ),
    () =>
      to('POST', `Content-Length: 3\r\nContent-Length: ${pick(random, ['3', '4', '+3', '0x3'])}\r\n\r\nabc${inner}`),
    () =>
      to(
        'GET',
        `Connection: ${pick(random, ['Host', 'Authorization, close', 'Content-Length'])}\r\nContent-Length: 1\r\n\r\n${inner}`,
      ),
    () => to('GET', `${'X: y\r\n'.repeat(Math.floor(random() * 3000))}\r\n`),
    () => to('GET', `X-Long: ${'a'.repeat(Math.floor(random() * 40_000))}\r\n\r\n`),
    () => to(pick(random, ['G\0T', 'TRACE', 'CONNECT', 'get', 'PROPFIND', '']), '\r\n'),
    () =>
      `GET ${pick(random, ['*', '//x', 'http://[', `/env/${id}/%`, '/env/\xff/', `http://evil/env/${id}/`])} HTTP/1.1\r\n${auth}\r\n`,
    () => `GET /env/${id}/x HTTP/${pick(random, ['1.1x', '2.0', '9.9', '1.0', ''])}\r\n${auth}\r\n`,
    () =>
      `GET /env/${id}/x HTTP/1.1\r\nHost: ${pick(random, ['', 'a@b', 'x\r\nHost: y', '[::1', `${id}.localhost.evil`])}\r\n\r\n`,
    () => upgradeRequest(`/env/${id}/ws`, token, [`Content-Length: ${inner.length}`]) + inner,
    () => upgradeRequest(`/env/${id}/refused`, token) + inner,
    () => to('GET', 'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAM\r\n\r\n'),
    () => String.fromCharCode(...Array.from({ length: 60 }, () => Math.floor(random() * 256))),
  ])()
  // Now and then one octet is another one, or the end is missing.
  const at = Math.floor(random() * text.length)
  if (random() < 0.3) return text.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(at + 1)
  return random() < 0.2 ? text.slice(0, at) : text
}

/** All that comes back for some bytes, until the end or until patience ends. */
async function answerTo(bytes: string): Promise<string> {
  const socket = connect({ port: open.port, host: '127.0.0.1' })
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {})
  const over = once(socket, 'close')
  socket.write(bytes, 'latin1')
  const timer = setTimeout(() => socket.destroy(), patienceMs)
  await over
  clearTimeout(timer)
  return Buffer.concat(chunks).toString('latin1')
}

const isAnswers = /^HTTP\/1\.1 \d{3} /

// Trouble (input): a malformed request smuggles another one past the gateway, mixes up answers, or ends the service
test(`${count} malformed requests reach no environment unasked, and no answer belongs to another request (FUZZ_SEED=${seed})`, async () => {
  const { id, owner } = open
  console.log(`FUZZ_SEED=${seed}`)
  const { part: random } = createChance(seed)
  const connectionsBefore = await open.upstream.connections()
  for (let done = 0; done < count; done += atOnce) {
    await Promise.all(
      Array.from({ length: atOnce }, async (_, index) => {
        const canary = `canary-${done + index}-`
        const last = `GET /env/${id}/${canary} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${owner.token}\r\nConnection: close\r\n\r\n`
        const answer = await answerTo(malformed(random, id, owner.token) + last)
        if (answer !== '') expect(answer).toMatch(isAnswers)
        for (const [found] of answer.matchAll(/canary-\d+-/g)) expect(found).toBe(canary)
      }),
    )
  }
  expect(open.upstream.smuggled).toEqual([])
  expect((await open.ask(`/env/${id}/x`)).status).toBe(200)
  await expect.poll(() => open.upstream.connections(), { timeout: 5_000 }).toBeLessThan(connectionsBefore + 2 * atOnce)
})
