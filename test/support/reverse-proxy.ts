/** nginx and Caddy with the configurations of `deploy/`, in front of a service and a gateway that run on ports of this machine. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { twoFreePorts } from './free-port.ts'
import type { Answer, AskOptions } from './gateway.ts'

const execute = promisify(execFile)
const deploy = new URL('../../deploy/', import.meta.url)

export const platform = 'lab.example.org'
export const gatewayHost = 'env.lab.example.org'

/** The settings of the platform that belong to the files of `deploy/`. */
export const behindProxy = {
  PUBLIC_URL: `https://${platform}`,
  ENVIRONMENTS_URL: `https://{id}.${gatewayHost}`,
  TRUST_PROXY: '127.0.0.1',
}

/** The same for the files of `deploy/` that put the platform below a path. */
export const behindSubPath = { ...behindProxy, PUBLIC_URL: `https://${platform}/lab` }

export type Ports = { service: number; gateway: number }
type AllPorts = Ports & { http: number; https: number }

export type ReverseProxy = AsyncDisposable & {
  httpPort: number
  httpsPort: number
  ca: Buffer
  /** Where the files of this run are. */
  folder: string
  /** The most memory that it has had so far. */
  mostMebibytes(): number
  /** Asks over TLS, without a token unless told otherwise. */
  ask(host: string, path: string, options?: AskTlsOptions): Promise<AnswerOfOctets>
  /** The same by HTTP/2, as browsers do; the path is sent as it is. */
  askHttp2(host: string, path: string, options?: AskTlsOptions): Promise<AnswerOfOctets>
  /** A connection over TLS, with all that came in on it as text. */
  open(host: string, first: string, from?: string): Promise<Conversation>
}

/** `from` is the client's own address on this machine. */
type AskTlsOptions = Omit<AskOptions, 'body'> & {
  from?: string
  body?: Buffer | string | Readable
  signal?: AbortSignal
}
export type AnswerOfOctets = Answer & { octets: Buffer }

export type Conversation = { socket: TLSSocket; received: () => string }

export type Program = (folder: string, ports: AllPorts) => Promise<Launch>
type Launch = { command: string; args: string[]; env: Record<string, string> }

/** The file of `deploy/` as it is, but for the addresses, ports and certificates of this run. */
export function nginxSite(folder: string, { service, gateway, http, https }: AllPorts): string {
  return readFileSync(new URL('nginx.conf', deploy), 'utf8')
    .replaceAll(/^ *listen \[::\].*\n/gm, '')
    .replaceAll('listen 80', `listen 127.0.0.1:${http}`)
    .replaceAll('listen 443', `listen 127.0.0.1:${https}`)
    .replaceAll('/etc/nginx/ai-lab/', `${folder}/`)
    .replaceAll('/var/log/nginx/', `${folder}/`)
    .replace('127.0.0.1:5555', `127.0.0.1:${service}`)
    .replace('127.0.0.1:5556', `127.0.0.1:${gateway}`)
}

export const nginx: Program = (folder, ports) => runNginx(folder, nginxSite(folder, ports))

/** With the file that puts the platform below `/lab/`, beside a page of another program. */
export const nginxSubPath: Program = (folder, ports) => {
  const given = readFileSync(new URL('nginx-sub-path.conf', deploy), 'utf8')
  const below = given.replace('/var/log/nginx/', `${folder}/`)
  const whole = '    location / {\n        proxy_pass http://ai_lab_service;\n    }\n'
  const beside = `    location / { return 200 "another program's page: $request_uri"; }\n`
  return runNginx(
    folder,
    nginxSite(folder, ports).replace(whole, () => below + beside),
  )
}

/** Hands requests on, and sets no header at all. */
export const plainNginx: Program = (folder, { service, https }) =>
  runNginx(
    folder,
    `server {
  listen 127.0.0.1:${https} ssl;
  ssl_certificate ${folder}/cert.pem;
  ssl_certificate_key ${folder}/key.pem;
  location / { proxy_pass http://127.0.0.1:${service}; }
}`,
  )

async function runNginx(folder: string, site: string): Promise<Launch> {
  await writeFile(join(folder, 'site.conf'), site)
  // nginx cuts what is silent for a minute, unless it is told otherwise. Here, for a second.
  const shortened = ['proxy_read', 'proxy_send', 'send', 'client_body'].map((name) => `${name}_timeout 1s;`).join(' ')
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  await writeFile(
    join(folder, 'main.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
events { worker_connections 1024; }
http { access_log off; ${folders.join(' ')} ${shortened} include ${folder}/site.conf; }`,
  )
  return { command: 'nginx', args: ['-c', join(folder, 'main.conf'), '-e', 'stderr'], env: {} }
}

export const caddy: Program = (folder, ports) => runCaddy(folder, ports, caddySite())

/** With the file that puts the platform below `/lab/`, beside a page of another program. */
export const caddySubPath: Program = (folder, ports) => {
  const below = readFileSync(new URL('Caddyfile-sub-path', deploy), 'utf8')
  const whole = '\timport ai-lab-to 127.0.0.1:5555\n'
  const beside = `\thandle {\n\t\trespond "another program's page: {uri}"\n\t}\n`
  return runCaddy(
    folder,
    ports,
    caddySite().replace(whole, () => below + beside),
  )
}

function caddySite(): string {
  return readFileSync(new URL('Caddyfile', deploy), 'utf8')
}

async function runCaddy(folder: string, { service, gateway, http, https }: AllPorts, given: string): Promise<Launch> {
  const site = given
    .replace(
      '{\n',
      `{\n\thttp_port ${http}\n\thttps_port ${https}\n\tdefault_bind 127.0.0.1\n\tadmin off\n\tlog {\n\t\tlevel ERROR\n\t}\n`,
    )
    .replace('/etc/caddy/ai-lab/cert.pem /etc/caddy/ai-lab/key.pem', `${folder}/cert.pem ${folder}/key.pem`)
    .replace('127.0.0.1:5555', `127.0.0.1:${service}`)
    .replace('127.0.0.1:5556', `127.0.0.1:${gateway}`)
  await writeFile(join(folder, 'Caddyfile'), site)
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  return { command: 'caddy', args: ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')], env }
}

export async function startReverseProxy(program: Program, ports: Ports): Promise<ReverseProxy> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-proxy-'))
  stack.defer(() => rm(folder, { recursive: true }))
  const ca = await makeCertificate(folder)
  const [httpPort, httpsPort] = await twoFreePorts()
  const { command, args, env } = await program(folder, { ...ports, http: httpPort, https: httpsPort })
  const child = stack.use(run(command, args, env))
  await child.answers(httpsPort)
  const rest = stack.move()
  const to = (host: string) => ({ host: '127.0.0.1', port: httpsPort, servername: host, ca })
  return {
    httpPort,
    httpsPort,
    ca,
    folder,
    mostMebibytes: () => peakMebibytes(child.pid),
    ask: (host, path, options = {}) => ask({ ...to(host), path }, options),
    askHttp2: (host, path, options = {}) => askHttp2({ ...to(host), path }, options),
    open: (host, first, from) => open(connect({ ...to(host), ...(from && { localAddress: from }) }), first),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

function run(command: string, args: string[], env: Record<string, string>) {
  const child: ChildProcess = spawn(command, args, {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', (text) => (said += text))
  const ended = once(child, 'exit')
  return {
    pid: child.pid ?? 0,
    /** Waits until it listens. */
    async answers(port: number): Promise<void> {
      const limit = AbortSignal.timeout(10_000)
      while (!(await connects(port))) {
        if (child.exitCode !== null || limit.aborted) throw new Error(`${command} does not listen: ${said}`)
        await sleep(20)
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
    },
  }
}

type To = { host: string; port: number; servername: string; ca: Buffer; path: string }

async function ask(to: To, { method = 'GET', token, headers, body, from }: AskTlsOptions): Promise<AnswerOfOctets> {
  const sent = request({
    ...to,
    ...(from && { localAddress: from }),
    agent: false,
    method,
    headers: { host: to.servername, ...(token && { authorization: `Bearer ${token}` }), ...headers },
  })
  if (body instanceof Readable) body.pipe(sent)
  else sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  const octets = Buffer.concat(chunks)
  const { statusCode = 0, headers: named, rawHeaders } = answer
  return { status: statusCode, headers: named, rawHeaders, octets, body: octets.toString() }
}

async function askHttp2(
  { servername, path, ...to }: To,
  { method = 'GET', token, headers, body, from, signal }: AskTlsOptions,
): Promise<AnswerOfOctets> {
  const socket = connect({ ...to, servername, ALPNProtocols: ['h2'], ...(from && { localAddress: from }) })
  const client = connectHttp2(`https://${servername}`, { createConnection: () => socket })
  client.on('error', () => {}) // the request has it too
  try {
    const pseudo = { ':method': method, ':path': path, ':authority': servername }
    const all = { ...pseudo, ...(token && { authorization: `Bearer ${token}` }), ...headers }
    const request = client.request(all, { endStream: body === undefined })
    if (body instanceof Readable) body.pipe(request)
    else if (body !== undefined) request.end(body)
    const [named, , rawHeaders] = (await once(request, 'response', { signal })) as [
      IncomingHttpHeaders,
      number,
      string[],
    ]
    const octets = Buffer.concat(await request.toArray())
    return { status: Number(named[':status']), headers: named, rawHeaders, octets, body: octets.toString() }
  } finally {
    client.destroy()
  }
}

async function open(socket: TLSSocket, first: string): Promise<Conversation> {
  let text = ''
  socket.setEncoding('utf8').on('data', (part) => (text += part))
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  socket.write(first)
  return { socket, received: () => text }
}

/** One certificate for all names, as the configurations want it. */
async function makeCertificate(folder: string): Promise<Buffer> {
  const names = [platform, gatewayHost, `*.${gatewayHost}`].map((name) => `DNS:${name}`).join(',')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem']
  const about = ['-days', '2', '-subj', `/CN=${platform}`, '-addext', `subjectAltName=${names}`]
  await execute('openssl', ['req', '-x509', ...key, ...about, '-out', 'cert.pem'], { cwd: folder })
  return readFile(join(folder, 'cert.pem'))
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectPlain(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

function peakMebibytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
