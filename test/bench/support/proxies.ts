/** Proxies side by side in front of the same server, each in a process of its own on one core; clients have the other. */
import { type ChildProcess, execFile, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { serviceEnv } from '../../../scripts/lib/service-env.ts'
import { freePort } from '../../support/free-port.ts'
import { startGatewayProcess } from '../../support/gateway-process.ts'
import { gatewayHost, nginxSite } from '../../support/reverse-proxy.ts'
import { until } from './until.ts'

export type Peer = {
  name: string
  pid: number
  /** The gateway that decides in another process. */
  decider?: number
  port: number
  path: string
  headers: Record<string, string>
}

const execute = promisify(execFile)
const ownCore = '0'
const otherCore = '1'
const kibibyte = 1024

/** A server of small and large bodies (nginx, on the core of the clients). */
export async function startFileServer(stack: AsyncDisposableStack): Promise<Peer> {
  const folder = await temporary(stack)
  await writeFile(join(folder, 'small'), Buffer.alloc(kibibyte, 'x'))
  await writeFile(join(folder, 'large'), Buffer.alloc(kibibyte * kibibyte, 'x'))
  await writeFile(join(folder, 'huge'), Buffer.alloc(16 * kibibyte * kibibyte, 'x'))
  // Jupyter's path before the name of the file is cut off.
  const site = `location ~ ^/env/[^/]+/api/status$ { return 200 '{}'; } location ~ ([^/]+)$ { root ${folder}; try_files /$1 =404; }`
  return startNginx(stack, { name: 'direct', folder, sites: (port) => listening(port, site), core: otherCore })
}

/** It passes on either requests or WebSockets. */
export async function startNginxProxy(
  stack: AsyncDisposableStack,
  upstream: number,
  of: 'requests' | 'WebSockets' = 'requests',
): Promise<Peer> {
  const folder = await temporary(stack)
  const headers =
    of === 'requests'
      ? "proxy_set_header Connection '';"
      : 'proxy_set_header Connection upgrade; proxy_set_header Upgrade $http_upgrade;'
  const site = `location / { proxy_pass http://upstream; proxy_http_version 1.1; ${headers} }`
  const above = `upstream upstream { server 127.0.0.1:${upstream}; keepalive 512; }`
  return startNginx(stack, { name: 'nginx', folder, sites: (port) => above + listening(port, site), core: ownCore })
}

/**
 * nginx as `deploy/nginx.conf` has it, with offload; without TLS, log and the bound on requests, which plain nginx lacks too, and
 * over HTTP/1.1, which is what wrk speaks.
 */
export async function startOffload(stack: AsyncDisposableStack, upstream: number): Promise<Peer> {
  const folder = await temporary(stack)
  const gateway = await startGateway(stack, upstream, { OFFLOAD: 'nginx', TRUST_PROXY: '127.0.0.1' })
  const http = await freePort()
  const sites = (https: number) =>
    nginxSite(folder, { service: gateway.port, gateway: gateway.port, http, https })
      .replaceAll(' ssl http2', '')
      .replace('HTTP/2.0', 'HTTP/1.1')
      .replaceAll(/^ *(ssl_|limit_req|access_log).*\n/gm, '')
  const peer = await startNginx(stack, { name: 'offload', folder, sites, core: ownCore })
  const headers = { ...gateway.headers, Host: gatewayHost } // wrk knows it in capitals only
  return { ...peer, decider: gateway.pid, path: `${gateway.path}/files`, headers }
}

/** nginx that serves the files of a folder, and takes uploads into it. It pins itself to the core of proxies. */
export async function startNginxFiles(stack: AsyncDisposableStack, root: string): Promise<Peer> {
  const folder = await temporary(stack)
  const site = `root ${root}; client_max_body_size 0; sendfile on; location / { dav_methods PUT; }`
  return startNginx(stack, { name: 'nginx', folder, sites: (port) => listening(port, site), core: ownCore })
}

type Nginx = { name: string; folder: string; sites: (port: number) => string; core: string }

function listening(port: number, site: string): string {
  return `server { listen 127.0.0.1:${port}; ${site} }`
}

async function startNginx(stack: AsyncDisposableStack, { name, folder, sites, core }: Nginx): Promise<Peer> {
  const port = await freePort()
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr; master_process off;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
${sites(port)} }`,
  )
  const child = run(stack, 'nginx', ['-c', join(folder, 'nginx.conf'), '-e', 'stderr'], core)
  await answers(port)
  return { name, pid: child.pid ?? 0, port, path: '', headers: {} }
}

export async function startChp(stack: AsyncDisposableStack, upstream: number): Promise<Peer> {
  const [port, apiPort] = [await freePort(), await freePort()]
  const program = fileURLToPath(import.meta.resolve('configurable-http-proxy/bin/configurable-http-proxy'))
  const args = ['--ip=127.0.0.1', `--port=${port}`, `--api-port=${apiPort}`, '--log-level=error']
  const target = `--default-target=http://127.0.0.1:${upstream}`
  const child = run(stack, process.execPath, [program, ...args, target], ownCore, { CONFIGPROXY_AUTH_TOKEN: 'x' })
  await answers(port)
  return { name: 'configurable-http-proxy', pid: child.pid ?? 0, port, path: '', headers: {} }
}

/** `ailab gateway` in a process of its own, as in production, beside a service that is not measured. */
export async function startGateway(stack: AsyncDisposableStack, upstream: number, settings = {}): Promise<Peer> {
  const program = fileURLToPath(new URL('./gateway-service.ts', import.meta.url))
  const child = fork(program, [String(upstream)], { env: { ...process.env, ...serviceEnv } })
  stack.defer(async () => {
    child.disconnect()
    if (child.exitCode === null) await once(child, 'exit')
  })
  const [ready] = (await once(child, 'message', { signal: AbortSignal.timeout(30_000) })) as [
    { dataDir: string; path: string; token: string },
  ]
  await pin(child)
  const { dataDir, path, token } = ready
  const gateway = stack.use(await startGatewayProcess({ DATA_DIR: dataDir, ...settings }))
  await pin(gateway, ownCore)
  const { pid, port } = gateway
  return { name: 'gateway', pid, port, path, headers: { authorization: `Bearer ${token}` } }
}

/** A server whose WebSockets send back what they get, byte by byte; it answers every request with 200. It is in this process. */
export async function startEcho(stack: AsyncDisposableStack): Promise<Peer> {
  const server = createServer((_, response) => response.end('{}'))
  server.on('upgrade', (_, socket) => {
    socket.on('error', () => socket.destroy())
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n')
    socket.on('data', (chunk) => socket.write(chunk))
    socket.on('end', () => socket.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stack.defer(() => void server.close())
  const { port } = server.address() as { port: number }
  return { name: 'direct', pid: process.pid, port, path: '', headers: {} }
}

/** The processor time that a process has used so far, in milliseconds. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Keeps a process and its threads on one core. A thread may end meanwhile. */
export async function pin({ pid }: Pick<ChildProcess, 'pid'>, core = otherCore): Promise<void> {
  const threads = readdirSync(`/proc/${pid}/task`)
  await Promise.all(threads.map((thread) => execute('taskset', ['-c', '-p', core, thread]).catch(unlessEnded(thread))))
}

function unlessEnded(thread: string): (error: unknown) => void {
  return (error) => {
    if (existsSync(`/proc/${thread}`)) throw error
  }
}

function run(stack: AsyncDisposableStack, command: string, args: string[], core: string, env = {}): ChildProcess {
  const child = spawn('taskset', ['-c', core, command, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill()
    await once(child, 'exit')
  })
  return child
}

async function temporary(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function answers(port: number): Promise<void> {
  const connects = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
  await until(`port ${port} is open`, connects)
}
