/** The engine without this service: raw requests to its socket, as few as a start needs. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient, expectStatus } from './request.ts'
import { settle } from './settle.ts'
import { until } from './until.ts'

const socketPath = (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace(/^unix:\/\//, '')

export const engineClient: Client = createClient({ socketPath })

const oursPrefix = 'ai-lab.'
// After a container is gone, the kernel still clears up namespaces, the bridge's port and the overlay.
const tidyMs = 100

/** The settings of a container, and the path at which its server says that it is ready. */
export type Recipe = { config: object; port: string; readyPath: string; token: string }

/** The recipe of an existing container, without the labels by which the service would take it for its own. */
export async function recipeOf(id: string): Promise<Recipe> {
  const { Config, HostConfig } = await expectStatus(engineClient('GET', `/containers/${id}/json`), 200)
  const { Image, Cmd, Env, User, WorkingDir, ExposedPorts } = Config
  const Labels = Object.fromEntries(
    Object.entries<string>(Config.Labels).filter(([name]) => !name.startsWith(oursPrefix)),
  )
  const variable = (name: string) =>
    (Env as string[]).find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  const port = Object.keys(HostConfig.PortBindings)[0] ?? ''
  // Many containers start from one recipe at once: the engine picks a port for each.
  const PortBindings = { [port]: [{ HostIp: '127.0.0.1', HostPort: '' }] }
  return {
    config: { Image, Cmd, Env, User, WorkingDir, ExposedPorts, Labels, HostConfig: { ...HostConfig, PortBindings } },
    port,
    readyPath: `${variable('JUPYTER_BASE_URL')}api/status`,
    token: variable('JUPYTER_TOKEN'),
  }
}

/** Creates and starts a container and waits until its server answers 200. */
export async function startBare(name: string, { config, port, readyPath, token }: Recipe): Promise<void> {
  await expectStatus(engineClient('POST', `/containers/create?name=${name}`, { body: config }), 201)
  await expectStatus(engineClient('POST', `/containers/${name}/start`), 204)
  const { NetworkSettings } = await expectStatus(engineClient('GET', `/containers/${name}/json`), 200)
  await untilReady(Number(NetworkSettings.Ports[port][0].HostPort), readyPath, token)
}

export async function removeBare(name: string): Promise<void> {
  await expectStatus(engineClient('DELETE', `/containers/${name}?force=1&v=1`), 204, 404)
}

/** Waits until a notebook server answers 200, asking every 10 ms. */
async function untilReady(port: number, path: string, token: string): Promise<void> {
  const client = createClient({ port }, { headers: { authorization: `token ${token}` }, keepAlive: false })
  await until(`${path} answers 200`, async () => {
    const answer = await client('GET', path).catch(() => null)
    return answer?.status === 200
  })
}

/** Waits until a container is gone, and the machine has settled after it. */
export async function untilGone(name: string): Promise<void> {
  await until(`${name} is gone`, async () => (await engineClient('GET', `/containers/${name}/json`)).status === 404)
  await sleep(tidyMs)
  await settle()
}
