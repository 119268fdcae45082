import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

type Docker = (...args: string[]) => Promise<string>

/** Where an environment's own server listens on this machine, with its secret: what nobody but the gateway needs to know. */
export async function serverUrl(id: string, docker: Docker = ownDocker): Promise<string> {
  const [{ Config, NetworkSettings }] = JSON.parse(await docker('inspect', id))
  const secret = Config.Env.map((each: string) => /^JUPYTER_TOKEN=(.*)/.exec(each)?.[1]).find(Boolean) ?? ''
  const [binding] = Object.values<{ HostIp: string; HostPort: string }[]>(NetworkSettings.Ports).flat()
  if (!binding) throw new Error(`${id} publishes no port.`)
  return `http://${binding.HostIp}:${binding.HostPort}/env/${id}/lab?token=${secret}`
}

async function ownDocker(...args: string[]): Promise<string> {
  return (await promisify(execFile)('docker', args)).stdout
}
