import { existsSync } from 'node:fs'
import * as apt from './apt.ts'
import { Failure } from './failure.ts'
import { run } from './run.ts'

/** The reverse proxies, and openssl for their certificates. */
const ofProxies = { nginx: 'nginx', caddy: 'caddy', openssl: 'openssl' }

/** The programs for the tests without an engine; Python runs the client of docs/clients.md. */
const ofIntegrationTests = { ...ofProxies, python3: 'python3', unzip: 'unzip' }

/**
 * The programs with which the other tests take disks away, make them hang, back them up here and elsewhere, cut an engine off, run a registry, read the metrics,
 * turn clocks, open pages and run code from Python, with the packages that contain them.
 */
const ofEngineTests = {
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.btrfs': 'btrfs-progs',
  restic: 'restic',
  sshd: 'openssh-server',
  bindfs: 'bindfs',
  ip: 'iproute2',
  'docker-registry': 'docker-registry',
  prometheus: 'prometheus',
  faketime: 'faketime',
  chromium: 'chromium',
  'chromium-headless-shell': 'chromium-headless-shell',
  wsdump: 'python3-websocket',
}

export function ensureTools(signal: AbortSignal): Promise<void> {
  return ensure({ ...ofIntegrationTests, ...ofEngineTests }, signal)
}

export function ensureIntegrationTools(signal: AbortSignal): Promise<void> {
  return ensure(ofIntegrationTests, signal)
}

export function ensureProxies(signal: AbortSignal): Promise<void> {
  return ensure(ofProxies, signal)
}

async function ensure(packages: Record<string, string>, signal: AbortSignal): Promise<void> {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
  const missing = Object.entries(packages).filter(
    ([tool]) => !folders.some((folder) => existsSync(`${folder}/${tool}`)),
  )
  if (missing.length === 0) return
  const names = missing.map(([, name]) => name)
  if (!apt.canInstall())
    throw new Failure(`The tests need ${names.join(', ')}: sudo apt-get install ${names.join(' ')}`)
  await apt.install(names, signal)
  for (const service of ['docker-registry', 'prometheus', 'nginx', 'caddy'])
    if (names.includes(service)) await endService(service, signal)
}

/** Debian starts a service that it installs, now and at each boot; the tests start one of their own instead. */
async function endService(name: string, signal: AbortSignal): Promise<void> {
  await run('service', [name, 'stop'], { signal })
  await run('update-rc.d', [name, 'disable'], { signal })
}
