import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { docker } from '../../e2e/support/docker.ts'

const format = '{{index .Options "com.docker.network.bridge.name"}}'

/**
 * Makes the machine forget the hardware addresses of containers, as happens after a while without traffic: an address of
 * an earlier container would hide a part of the cost of a start. Needs root.
 */
export async function forgetNeighbours(network: string): Promise<void> {
  const bridge = await docker('network', 'inspect', '--format', format, network)
  await promisify(execFile)('ip', ['neigh', 'flush', 'dev', bridge])
}
