import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { createFrom } from '../../../src/gateway/from.ts'

const http = { idIn: (host: string | undefined) => (host === 'x.env.lab' ? 'x' : null), isSecure: false }
const asked = (remoteAddress: string, headers: Record<string, string>) =>
  ({ socket: { remoteAddress }, headers: { host: 'x.env.lab', ...headers } }) as unknown as IncomingMessage
const claims = { 'x-forwarded-for': '192.0.2.7, 10.0.0.9', 'x-forwarded-proto': 'https' }

test('a trusted reverse proxy says who asks, and that they came by https', () => {
  const from = createFrom({ trustProxy: ['10.0.0.0/8', '127.0.0.1'], environments: http })
  expect(from(asked('127.0.0.1', claims))).toEqual({ client: '192.0.2.7', host: 'x.env.lab', protocol: 'https' })
  expect(from(asked('127.0.0.1', {}))).toEqual({ client: '127.0.0.1', host: 'x.env.lab', protocol: 'http' })
})

// Trouble (authority): a client writes forwarding headers itself, to look like another one
test('nobody else is believed', () => {
  for (const trusted of [[], ['10.0.0.1']]) {
    const from = createFrom({ trustProxy: trusted, environments: http })
    expect(from(asked('198.51.100.1', claims))).toEqual({ client: '198.51.100.1', host: 'x.env.lab', protocol: 'http' })
  }
})

test("an environment's own host is reached over TLS where the pattern says so", () => {
  const from = createFrom({ trustProxy: [], environments: { ...http, isSecure: true } })
  expect(from(asked('127.0.0.1', {})).protocol).toBe('https')
  expect(from(asked('127.0.0.1', { host: 'localhost:5556' })).protocol).toBe('http')
})
