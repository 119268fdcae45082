import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { docker } from '../../e2e/support/docker.ts'

const format = '{{index .Options "com.docker.network.bridge.name"}}'

/**
 * Has the machine forget the hardware addresses of containers, as it is after a while without traffic: an address that
 * another container had before would hide what a start costs. Needs root.
 */
export async function forgetNeighbours(network: string): Promise<void> {
  const bridge = await docker('network', 'inspect', '--format', format, network)
  await promisify(execFile)('ip', ['neigh', 'flush', 'dev', bridge])
}
