/**
 * A page asks for its environment before that has a network. The kernel's question for the address then stays open, and
 * everybody waits until the kernel repeats it, or until the container says where it is. How long they wait is measured by
 * `npm run bench -- crowded-start`.
 */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { docker } from './support/docker.ts'
import { startService } from './support/service.ts'

const execute = promisify(execFile)
const networkName = 'ai-lab-environments'
const bridgeOf = '{{index .Options "com.docker.network.bridge.name"}}'
const addressOf = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'

// Trouble (desired): a page asks for an environment while that starts
test('the service has the kernel repeat its question for an address after 20 ms, not after a second', async () => {
  await using service = await startService()
  const bridge = await docker('network', 'inspect', '--format', bridgeOf, networkName)
  const setting = `/proc/sys/net/ipv4/neigh/${bridge}/retrans_time_ms`
  await service.end()
  await writeFile(setting, '1000')
  await service.startAgain()
  await expect.poll(() => readFile(setting, 'utf8')).toBe('20\n')
})

// Trouble (desired): a page asks for an environment while that starts
test('a container of the image tells the machine its address before anybody asks for it', async () => {
  await using _service = await startService() // makes the network
  const bridge = await docker('network', 'inspect', '--format', bridgeOf, networkName)
  const options = ['--detach', '--network', networkName, '--env', 'JUPYTER_TOKEN=secret']
  await execute('ip', ['neigh', 'flush', 'dev', bridge])
  const id = await docker('run', ...options, 'ai-lab/jupyterlab')
  onTestFinished(async () => void (await docker('rm', '--force', '--volumes', id)))
  const address = await docker('inspect', '--format', addressOf, id)
  const known = async () => (await execute('ip', ['neigh', 'show', 'dev', bridge, address])).stdout
  await expect.poll(known).toMatch(/lladdr [0-9a-f:]{17}/)
})
