import { readFile } from 'node:fs/promises'
import Docker from 'dockerode'
import { lookThroughProcess } from '../../src/disk/file-id.ts'
import { createDockerEngine, type DockerEngineOptions } from '../../src/docker/docker-engine.ts'
import { createEngineWorld, type EngineWorld } from './engine-world.ts'

export const socket = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock'

/** The engine itself, so that a test sees what the adapter really did. */
export const docker = new Docker()

export function realEngine(options: Partial<DockerEngineOptions> = {}) {
  const readText = (path: string) => readFile(path, 'utf8').catch(() => null)
  return createDockerEngine({ socket, readText, lookThroughProcess, ...options })
}

/** Containers that wait on a pipe for their exit code. */
const untilTold = 'mkfifo /tmp/exit; read code < /tmp/exit; exit "$code"'

export async function realWorld(): Promise<EngineWorld> {
  const engine = realEngine()
  const world = await createEngineWorld(engine, {
    command: ['bash', '-c', untilTold],
    async say(id, stream, text) {
      await run(id, 'printf "%s\\n" "$1" > "/proc/1/fd/$2"', text, stream === 'stdout' ? '1' : '2')
    },
    async exit(id, exitCode) {
      await run(id, 'until [ -p /tmp/exit ]; do sleep 0.01; done; echo "$1" > /tmp/exit', String(exitCode))
    },
    async removeImage(name) {
      await docker.getImage(name).remove()
    },
    async exhaustMemory(id) {
      await run(id, 'x=x; while :; do x=$x$x; done')
    },
  })
  const remove = world[Symbol.asyncDispose]
  world[Symbol.asyncDispose] = async () => {
    await remove()
    engine[Symbol.dispose]()
  }
  return world
}

/** Runs a shell script in a container, waits for its end, and gives its exit code. */
export async function run(id: string, script: string, ...values: string[]): Promise<number> {
  const exec = await docker.getContainer(id).exec({
    Cmd: ['bash', '-c', script, 'bash', ...values],
    AttachStdout: true,
    AttachStderr: true,
  })
  const stream = await exec.start({})
  stream.resume()
  await new Promise((resolve) => stream.once('end', resolve))
  return (await exec.inspect()).ExitCode ?? -1
}
