import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const startLimitMs = 30_000

/** A second engine, which a test may kill: with its own disk, in a network of its own. */
export type OwnEngine = AsyncDisposable & {
  /** As in DOCKER_HOST. */
  socket: string
  /** The command prefix that enters its network: only there can the ports of its containers be reached. */
  inItsNetwork: string[]
  docker(...args: string[]): Promise<string>
  /** Makes the engine stand still: it takes calls, and answers none. */
  pause(): void
  goOn(): void
  /** Ends all processes of the engine and its containers at once, as when the power is cut. */
  cutPower(): Promise<void>
  /** Ends the engine as an upgrade does: it asks each container to end, unless `live-restore` is on. */
  end(): Promise<void>
  start(options?: string[]): Promise<void>
}

/** Starts an engine in `folder`, with an image of the machine's own engine. */
export async function startOwnEngine(folder: string, image: string): Promise<OwnEngine> {
  const network = spawn('unshare', ['--net', 'sleep', '3600'], { stdio: 'ignore' })
  const inItsNetwork = ['nsenter', `--net=/proc/${network.pid}/ns/net`]
  await untilOwnNetwork(network)
  await execute('nsenter', [...inItsNetwork.slice(1), 'ip', 'link', 'set', 'lo', 'up'])
  const socket = `unix://${folder}/engine.sock`
  const docker = async (...args: string[]) => (await execute('docker', ['--host', socket, ...args])).stdout.trim()
  let daemon: ChildProcess

  const engine: OwnEngine = {
    socket,
    inItsNetwork,
    docker,
    async start(more = []) {
      await rm(`${folder}/engine.pid`, { force: true })
      const places = { 'data-root': 'lib', 'exec-root': 'run', pidfile: 'engine.pid' }
      const options = Object.entries(places).map(([name, path]) => `--${name}=${folder}/${path}`)
      const [command = '', ...args] = [...inItsNetwork, 'dockerd', '--host', socket, ...options]
      const log = openSync(`${folder}/engine.log`, 'a')
      daemon = spawn(command, [...args, ...more], { stdio: ['ignore', log, log] })
      closeSync(log)
      await untilItAnswers(docker)
    },
    pause: () => void daemon.kill('SIGSTOP'),
    goOn: () => void daemon.kill('SIGCONT'),
    async end() {
      const ended = once(daemon, 'exit')
      daemon.kill('SIGTERM')
      await ended
    },
    async cutPower() {
      const ids = (await docker('ps', '--quiet')).split('\n').filter(Boolean)
      const pids = await Promise.all(ids.map((id) => docker('inspect', '--format', '{{.State.Pid}}', id)))
      const ended = once(daemon, 'exit')
      for (const pid of [...(await processesOf(folder)), ...pids.map(Number)]) kill(pid)
      await ended
      // A machine without power loses its mounts and its files in /run.
      await unmountBelow(folder, ['run', 'lib'])
      await rm(`${folder}/run`, { recursive: true, force: true })
    },
    async [Symbol.asyncDispose]() {
      if (daemon.exitCode === null && daemon.signalCode === null) {
        const ids = (await docker('ps', '--all', '--quiet')).split('\n').filter(Boolean)
        if (ids.length > 0) await docker('rm', '--force', ...ids)
        await engine.end()
      }
      network.kill('SIGKILL')
      await unmountBelow(folder, ['run', 'lib'])
      await execute('rm', ['-rf', `${folder}/lib`, `${folder}/run`])
    },
  }
  try {
    await engine.start()
    await execute('sh', ['-c', `docker save ${image} | docker --host ${socket} load`])
  } catch (error) {
    await engine[Symbol.asyncDispose]()
    throw error
  }
  return engine
}

/** The engine, its containerd, and the shims that hold its containers: each has the folder in its command line. */
async function processesOf(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return pids
    .filter((_, at) => /^\S*(dockerd|containerd)/.test(commands[at] ?? '') && commands[at]?.includes(folder))
    .map(Number)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Unmounts the newest mount first. Some mounts end on their own meanwhile, so loop until none is left. */
async function unmountBelow(folder: string, places: string[]): Promise<void> {
  const isBelow = (path: string) => places.some((place) => `${path}/`.startsWith(`${folder}/${place}/`))
  for (const deadline = Date.now() + startLimitMs; Date.now() < deadline; ) {
    const paths = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '')
    const mounted = paths.filter(isBelow).reverse()
    if (mounted.length === 0) return
    for (const path of mounted) await execute('umount', ['--lazy', path]).catch(() => {})
  }
  throw new Error(`Something below ${folder} stays mounted.`)
}

async function untilOwnNetwork({ pid }: ChildProcess): Promise<void> {
  const namespaceOf = async (id: number | string) => (await execute('readlink', [`/proc/${id}/ns/net`])).stdout
  const ours = await namespaceOf('self')
  for (const deadline = Date.now() + startLimitMs; (await namespaceOf(pid ?? 0)) === ours; ) {
    if (Date.now() > deadline) throw new Error('The network of the engine was not made.')
    await sleep(20)
  }
}

async function untilItAnswers(docker: OwnEngine['docker']): Promise<void> {
  const deadline = Date.now() + startLimitMs
  for (;;) {
    const answers = await docker('version').then(
      () => true,
      () => false,
    )
    if (answers) return
    await sleep(50)
    if (Date.now() > deadline) throw new Error(`The engine did not answer within ${startLimitMs / 1000} s.`)
  }
}
