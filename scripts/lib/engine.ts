import { spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseEnv } from 'node:util'
import * as apt from './apt.ts'
import { Failure } from './failure.ts'
import { ping } from './ping-engine.ts'
import { step } from './progress.ts'
import { run, tail } from './run.ts'
import { isRunning, processOf, type StartedEngine, stopEngine } from './stop-engine.ts'

const DEFAULT_HOST = 'unix:///var/run/docker.sock'
const ENGINE_LOG = '/var/log/ai-lab-dockerd.log'
const START_LIMIT_MS = 60_000

export interface Engine {
  /** Null if the engine ran already. */
  startedHere: StartedEngine | null
  /** Stops the engine if it was started here, and waits until it has ended. */
  stop(): Promise<void>
}

const foundEngine: Engine = { startedHere: null, stop: async () => {} }

/** Finds a Docker engine. If there is none, root installs and starts one. Throws a Failure that says what to do. */
export async function ensureEngine(signal: AbortSignal): Promise<Engine> {
  const host = engineHost()
  const found = await ping(host, signal)
  if (found.kind === 'answers') {
    await ensureCommandLine(signal)
    return foundEngine
  }
  if (found.kind === 'forbidden') throw new Failure(FORBIDDEN)
  if (host !== DEFAULT_HOST) {
    throw new Failure(
      `No Docker engine answers at ${host}, which DOCKER_HOST names (${found.reason}). Start that engine, correct DOCKER_HOST, or leave it out: then the engine of this machine is used.`,
    )
  }
  if (process.getuid?.() !== 0) throw new Failure(NOT_RUNNING)
  if (!existsSync('/usr/bin/dockerd') && !existsSync('/usr/sbin/dockerd')) await installEngine(signal)
  return (await ping(host, signal)).kind === 'answers' ? foundEngine : startEngine(host, signal)
}

/** The same place as the service's: the environment overrides the files. Docker's command line then looks there too. */
function engineHost(): string {
  const files = ['production.env', '.env'].filter((path) => existsSync(path))
  const settings = files.map((path) => parseEnv(readFileSync(path, 'utf8')))
  for (const name of ['DOCKER_HOST', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH']) {
    const value = process.env[name] || settings.map((each) => each[name]).find(Boolean)
    if (value) process.env[name] = value
  }
  const host = process.env.DOCKER_HOST || DEFAULT_HOST
  if (host.startsWith('ssh://')) throw new Failure(NO_SSH)
  return host
}

async function ensureCommandLine(signal: AbortSignal) {
  if (isOnPath('docker')) return
  if (!apt.canInstall()) throw new Failure(NO_COMMAND_LINE)
  await apt.install([(await apt.has('docker-cli', signal)) ? 'docker-cli' : 'docker.io'], signal)
}

function isOnPath(command: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${command}`))
}

async function installEngine(signal: AbortSignal) {
  if (!apt.canInstall()) throw new Failure(NOT_INSTALLED)
  const commandLine = (await apt.has('docker-cli', signal)) ? ['docker-cli'] : []
  await apt.install(['docker.io', ...commandLine, 'iptables', 'ca-certificates'], signal)
}

async function startEngine(host: string, signal: AbortSignal): Promise<Engine> {
  if (existsSync('/run/systemd/system')) return startWithSystemd(host, signal)
  const log = openSync(ENGINE_LOG, 'w')
  // A session of its own: Ctrl-C in this terminal must reach the service first, and the engine only after it.
  const daemon = spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] })
  daemon.once('error', () => {}) // without a process there is no process id
  const { pid } = daemon
  if (pid === undefined) throw new Failure('dockerd cannot be run: is it installed as a program?')
  const started = processOf(pid)
  try {
    await step('Starting the Docker engine', () => waitUntilItAnswers(host, signal, () => isRunning(started)))
  } catch (error) {
    await stopEngine(started)
    if (signal.aborted) throw error
    throw new Failure(`dockerd did not start. The end of ${ENGINE_LOG}:\n${tail(readFileSync(ENGINE_LOG, 'utf8'))}`)
  }
  return { startedHere: started, stop: () => stopEngine(started) }
}

async function startWithSystemd(host: string, signal: AbortSignal): Promise<Engine> {
  await step('Starting the Docker engine (systemctl start docker)', async () => {
    const { ok, output } = await run('systemctl', ['start', 'docker'], { signal })
    if (!ok) throw new Failure(`systemctl start docker failed:\n${tail(output)}`)
    await waitUntilItAnswers(host, signal, () => true)
  })
  return { startedHere: 'systemd', stop: () => stopEngine('systemd') }
}

async function waitUntilItAnswers(host: string, signal: AbortSignal, mayComeYet: () => boolean) {
  const deadline = performance.now() + START_LIMIT_MS
  while ((await ping(host, signal)).kind !== 'answers') {
    signal.throwIfAborted()
    if (!mayComeYet() || performance.now() > deadline) {
      throw new Failure(`The Docker engine did not answer at ${host} within ${START_LIMIT_MS / 1000} s.`)
    }
    await sleep(50, undefined, { signal })
  }
}

const INSTALL_HINT =
  'on Debian or Ubuntu `sudo apt-get install docker.io`; elsewhere see the documentation of Docker Engine'

const NO_SSH = `DOCKER_HOST begins with ssh://, which is not supported. Use TLS (tcp://host:2376, DOCKER_TLS_VERIFY=1,
DOCKER_CERT_PATH), or carry the engine's socket over and name it:

    ssh -N -L /run/engine.sock:/var/run/docker.sock host
    DOCKER_HOST=unix:///run/engine.sock npm start`

const FORBIDDEN = `A Docker engine runs on this machine, but you may not use it. Join its group, then log in again:

    sudo usermod -aG docker $USER

Who may use the engine can become root on this machine.`

const NOT_RUNNING = `No Docker engine runs on this machine. Start it, or run this command as root:

    sudo systemctl start docker

If it is not installed: ${INSTALL_HINT}.
If it is elsewhere, name it: DOCKER_HOST=unix:///path/to/docker.sock npm start`

const NOT_INSTALLED = `There is no Docker engine on this machine, and no apt-get to install one with. Install it (${INSTALL_HINT}), start it, and run this command again.`

const NO_COMMAND_LINE = `A Docker engine runs, but the command \`docker\` is missing. Install it: ${INSTALL_HINT}.`
