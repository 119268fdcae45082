/**
 * The health check of the backend's container, and with the argument `gateway` that of the gateway's. Docker runs it every 15 s,
 * so it imports little. It asks whether the process lives, not whether it is ready: a backend need not be restarted because
 * the engine is down for a while.
 */
import { hostToReach } from './lib/host-to-reach.ts'
import { get } from './lib/http-client.ts'
import { listening } from './settings/listening.ts'

// Shorter than the limit of Docker, so that the reason is in `docker inspect`.
const limitMs = 4_000

const isGateway = process.argv[2] === 'gateway'
const { host, port } = listening()[isGateway ? 'gateway' : 'service']
const path = isGateway ? '/.ai-lab/health' : '/api/health/live'

// Not fetch: it takes longer to load, and refuses the ports that browsers refuse, such as 6000.
const request = get({ host: hostToReach(host), port, path, agent: false, timeout: limitMs }, (response) => {
  response.resume()
  if (response.statusCode !== 200) fail(`the answer is ${response.statusCode}`)
})
request.on('timeout', () => request.destroy(new Error(`no answer within ${limitMs} ms`)))
request.on('error', ({ message }) => fail(message))

function fail(reason: string): void {
  process.stderr.write(`${path} at port ${port}: ${reason}\n`)
  process.exitCode = 1
}
