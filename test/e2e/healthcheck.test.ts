import { execFile } from 'node:child_process'
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { backendImage, buildBackendImage } from './support/backend-image.ts'
import { docker, removeAllOf } from './support/docker.ts'
import { project } from './support/service.ts'

beforeAll(buildBackendImage, 600_000)

/** The health check of the gateway in the compose file, as a command. */
async function gatewayCheck(): Promise<string[]> {
  const { services } = parse(await readFile(join(project, 'docker-compose.production.yml'), 'utf8'))
  return services['ai-lab-gateway'].healthcheck.test.slice(1)
}

// Trouble (input): `HOST` or `PORT` is empty, or `HOST` is an IPv6 address
test.each([
  ['HOST=', 'PORT='],
  ['HOST=127.0.0.1', 'PORT=7000', 'GATEWAY_PORT='],
  ['HOST=0.0.0.0', 'PORT=7000', 'GATEWAY_PORT=6000'],
  ['HOST=::', 'PORT=7000'],
  ['HOST=::1', 'PORT=5555'],
  ['HOST=localhost', 'PORT=5555'],
])('the health checks of the image and of the gateway find the service with %s, %s', async (...settings) => {
  const data = await mkdtemp(join(tmpdir(), 'ai-lab-healthcheck-'))
  await chown(data, 1000, 100)
  await writeFile(join(data, '.ai-lab-begin'), '')
  const name = `ai-lab-healthcheck-${process.pid}`
  const options = [
    // A network of its own: no other program has these ports there.
    ...['--network', 'none', '--sysctl', 'net.ipv6.conf.all.disable_ipv6=0', '--health-interval', '1s'],
    ...['--group-add', (await promisify(execFile)('stat', ['-c', '%g', '/var/run/docker.sock'])).stdout.trim()],
    ...['--volume', '/var/run/docker.sock:/var/run/docker.sock', '--volume', `${data}:/app/ai-lab-data`],
    ...settings.flatMap((each) => ['--env', each]),
  ]
  await docker('run', '--detach', '--name', name, ...options, backendImage)
  try {
    const health = () => docker('inspect', '--format', '{{.State.Health.Status}}', name)
    await expect.poll(health, { timeout: 20_000 }).toBe('healthy')
    await docker('exec', name, ...(await gatewayCheck()))
  } finally {
    await docker('rm', '--force', '--volumes', name)
    await removeAllOf((await readFile(join(data, '.ai-lab-root'), 'utf8').catch(() => 'none')).trim(), data)
    await rm(data, { recursive: true, force: true })
  }
})

test('the health check fails, with the reason, when nobody answers', async () => {
  const run = ['run', '--rm', '--network', 'none', '--env', 'PORT=7000', backendImage, 'node', 'src/healthcheck.ts']
  await expect(docker(...run)).rejects.toThrow('ECONNREFUSED 127.0.0.1:7000')
})
