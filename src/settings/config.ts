/** The only reader of the process's environment. `production.env.example` documents every variable. */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'dotenv'
import type { z } from 'zod'
import type { Keep } from '../domain/backups/keep.ts'
import type { EngineAddress } from '../domain/engine-address.ts'
import { type EnvironmentsUrl, environmentsUrl, noEnvironmentsUrl } from '../domain/gateway/environments-url.ts'
import { samePlaceAsPlatform } from '../domain/gateway/shared-origin.ts'
import type { IdleLimits } from '../domain/idle/idle.ts'
import { notebookUser, type Owner } from '../domain/people/notebook-user.ts'
import { nearest } from '../lib/nearest.ts'
import { contradictions } from './contradictions.ts'
import { engineAddress } from './engine-address.ts'
import { gatewayPortBeside } from './listening.ts'
import { type OpenIdSettings, openId } from './openid.ts'
import { threadsIn } from './threads.ts'
import { isTimeZone } from './time-zone.ts'
import { defaultLabName, variables } from './variables.ts'

export type Config = {
  port: number
  host: string
  /** Whether the gateway is in the service's process or in one of its own, `ailab gateway`. */
  gateway: 'inside' | 'apart'
  /** Where the gateway listens: the door to environments. */
  gatewayPort: number
  publicUrl: string
  /** Where environments are in people's browsers. */
  environments: EnvironmentsUrl
  /** Addresses and networks of the reverse proxies whose forwarding headers count. */
  trustProxy: string[]
  /** The reverse proxy that carries downloads in the place of the gateway; null: none. */
  offload: 'nginx' | null
  /** Whether the settings show a proxy: TRUST_PROXY is set, or the service itself does not listen at PUBLIC_URL. */
  behindProxy: boolean
  /** The header in which such a proxy names the person who has signed in there; null: none counts. */
  trustedUserHeader: string | null
  /** The identity provider at which people may sign in too; null: there is none. */
  openId: OpenIdSettings | null
  dataDir: string
  hostDataPath: string | null
  engine: EngineAddress
  catalogFile: string
  notebook: Owner
  /** The owner that people's folders get; null if that is the service's own user. */
  owner: Owner | null
  sharedMode: 'ro' | 'rw'
  /** How long deleted files can come back; null: for ever. */
  trashKeepMs: number | null
  /** How many threads the process has for calls to file systems. */
  threads: number
  /** Networks that environments may not reach, beside the machine itself and link-local addresses. */
  blockedNetworks: readonly string[]
  proofIntervalMs: number
  /** How many environments may start at one time; null: as many as the machine can bear. */
  startsAtOnce: number | null
  backups: BackupSettings
  /** The limits if neither template nor tier has its own. */
  idleLimits: IdleLimits
  /** How often the folders are counted, and the cron expression of the full counts; null: never. */
  usage: { everyMs: number | null; recount: string | null }
}

export type BackupSettings = {
  /** Where the repository is: a path of the engine's host, or elsewhere by SFTP or S3; null: in `admin/` of the data root. */
  repository: string | null
  /** Files of the engine's host that a repository elsewhere needs; null: not set. */
  sftp: { key: string | null; knownHosts: string | null }
  s3: { credentials: string | null; certificates: string | null }
  keyFile: string
  /** Cron expressions; null: never. */
  schedule: string | null
  checkSchedule: string | null
  keep: Keep
}

/** All mistakes in the configuration at once, a line each, by the variables' names. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  /** The configuration with a default in place of each mistake; null if the service cannot know where to listen. */
  readonly standIn: Config | null

  constructor(message: string, { standIn = null, cause }: { standIn?: Config | null; cause?: unknown } = {}) {
    super(message, { cause })
    this.standIn = standIn
  }
}

/**
 * The configuration from the process's environment, then `production.env`, then `.env` in `folder`.
 * An empty value counts as left out.
 *
 * @throws ConfigError
 */
export function loadConfig(
  folder: string,
  processEnv: NodeJS.ProcessEnv = process.env,
  user: Owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
): Config {
  const { file, values, mistakes, engine, openId } = readSettings(folder, processEnv)
  const config = { ...resolved(values, folder, user), engine, openId, threads: threadsIn(processEnv) }
  const wrong = mistakes.length > 0 ? mistakes : contradictions(config, values, user)
  if (wrong.length === 0) return config
  const isOfAddress = wrong.some((line) => /^(HOST|PORT|GATEWAY_PORT):/.test(line))
  // The wrong settings may be those that show a proxy.
  const mayHaveProxy = file.trouble !== null || wrong.some((line) => /^(PUBLIC_URL|TRUST_PROXY):/.test(line))
  const standIn = { ...config, behindProxy: config.behindProxy || mayHaveProxy }
  throw new ConfigError(wrong.join('\n'), { standIn: isOfAddress ? null : standIn })
}

export type Settings = {
  /** `production.env` as it is. `bytes` is null if there is none or if it could not be read; `trouble` says why. */
  file: { path: string; bytes: Buffer | null; trouble: string | null }
  fromFile: Record<string, string>
  fromDotEnv: Record<string, string>
  fromProcess: NodeJS.ProcessEnv
  /** A line each. */
  mistakes: string[]
  /** The settings, with the default in place of each mistake. */
  values: z.infer<typeof variables>
  engine: EngineAddress
  openId: OpenIdSettings | null
}

/** Reads the settings and lists all mistakes; never throws for anything in the files. */
export function readSettings(folder: string, fromProcess: NodeJS.ProcessEnv = process.env): Settings {
  const file = readFile(resolve(folder, 'production.env'))
  const fromFile = parseSettings(file.bytes ?? '')
  const fromDotEnv = parseSettings(readFile(resolve(folder, '.env')).bytes ?? '')
  const given = Object.entries({ ...fromDotEnv, ...fromFile, ...fromProcess }).filter(([, value]) => value)
  const result = variables.safeParse(Object.fromEntries(given))
  const issues = result.error?.issues ?? []
  const wrong = new Set(issues.map(({ path }) => String(path[0])))
  const values = result.data ?? variables.parse(Object.fromEntries(given.filter(([name]) => !wrong.has(name))))
  const { engine, mistakes } = engineAddress(values, folder)
  const provider = openId(values, folder)
  const place = samePlaceAsPlatform(values.ENVIRONMENTS_URL ?? noEnvironmentsUrl, publicUrlOf(values))
  return {
    file,
    fromFile,
    fromDotEnv,
    fromProcess,
    mistakes: [
      ...(file.trouble ? [`${file.path}: ${file.trouble}`] : []),
      ...Object.keys(fromFile)
        .filter((name) => !mayBeInFile(name))
        .map(unknownName),
      ...(fromFile.TZ && !isTimeZone(fromFile.TZ)
        ? [`TZ: ${fromFile.TZ} is no time zone. Write one such as Europe/Berlin.`]
        : []),
      ...new Set(issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`)),
      ...(place === null ? [] : [`ENVIRONMENTS_URL: ${place}`]),
      ...(wrong.has('DOCKER_HOST') || wrong.has('DOCKER_TLS_VERIFY') ? [] : mistakes),
      ...(wrong.has('OIDC_ISSUER') ? [] : provider.mistakes),
      ...(values.TRUSTED_USER_HEADER && values.TRUST_PROXY.length === 0 && !wrong.has('TRUST_PROXY')
        ? ['TRUST_PROXY: is missing, though TRUSTED_USER_HEADER is set. Name the addresses whose header counts.']
        : []),
      ...(values.LAB_NAME !== defaultLabName && !given.some(([name]) => name === 'COMPOSE_PROJECT_NAME')
        ? [
            'COMPOSE_PROJECT_NAME: is missing, though LAB_NAME is set. Write the same name: Compose tells labs apart by it.',
          ]
        : []),
    ],
    values,
    engine,
    openId: provider.openId,
  }
}

/** The settings that dotenv reads in such a file. */
export function parseSettings(text: string | Buffer): Record<string, string> {
  return parse(text)
}

function readFile(path: string): Settings['file'] {
  try {
    if (!statSync(path).isFile()) return { path, bytes: null, trouble: 'is not a file' }
    return { path, bytes: readFileSync(path), trouble: null }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'ENOENT' || code === 'ENOTDIR') return { path, bytes: null, trouble: null }
    return { path, bytes: null, trouble: `cannot be read by uid ${process.getuid?.()} (${code})` }
  }
}

// Compose reads production.env too, and gives its variables to the container.
function mayBeInFile(name: string): boolean {
  return name in variables.shape || /^(DOCKER_GID|HOST_BACKUP_KEY|TZ|NODE_.*|COMPOSE_.*)$/.test(name)
}

function unknownName(name: string): string {
  const meant = nearest(name, [...Object.keys(variables.shape), 'DOCKER_GID', 'HOST_BACKUP_KEY'])
  return `${name}: there is no such setting${meant ? `; did you mean ${meant}?` : ''}`
}

/** The service's address in people's browsers. */
export function publicUrlOf({ PUBLIC_URL, PORT }: Pick<z.infer<typeof variables>, 'PUBLIC_URL' | 'PORT'>): string {
  return PUBLIC_URL ?? `http://localhost:${PORT}`
}

/** Whether the service itself answers at that URL: the service speaks plain HTTP, on that port, below no path. */
function listensAt(url: string, port: number): boolean {
  const { protocol, port: given, pathname } = new URL(url)
  return protocol === 'http:' && Number(given || 80) === port && pathname === '/'
}

/** Browsers on this machine find every name below localhost; browsers elsewhere find nothing there. */
function onThisMachine(publicUrl: string, gatewayPort: number): EnvironmentsUrl | null {
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(publicUrl).hostname)
  return isHere ? environmentsUrl(`http://{id}.localhost:${gatewayPort}`) : null
}

function resolved(
  values: z.infer<typeof variables>,
  folder: string,
  user: Owner,
): Omit<Config, 'engine' | 'openId' | 'threads'> {
  const notebook = notebookUser(user, { uid: values.NB_UID, gid: values.NB_GID })
  const gatewayPort = values.GATEWAY_PORT ?? gatewayPortBeside(values.PORT)
  const publicUrl = publicUrlOf(values)
  return {
    port: values.PORT,
    host: values.HOST,
    gateway: values.GATEWAY,
    gatewayPort,
    publicUrl,
    environments: values.ENVIRONMENTS_URL ?? onThisMachine(publicUrl, gatewayPort) ?? noEnvironmentsUrl,
    trustProxy: values.TRUST_PROXY,
    trustedUserHeader: values.TRUSTED_USER_HEADER ?? null,
    offload: values.OFFLOAD ?? null,
    behindProxy: values.TRUST_PROXY.length > 0 || !listensAt(publicUrl, values.PORT),
    dataDir: resolve(folder, values.DATA_DIR),
    hostDataPath: values.HOST_DATA_PATH ?? null,
    catalogFile: resolve(folder, values.CATALOG_FILE),
    notebook,
    owner: user.uid === notebook.uid && user.gid === notebook.gid ? null : notebook,
    sharedMode: values.SHARED_MODE,
    trashKeepMs: values.TRASH_KEEP,
    blockedNetworks: values.BLOCKED_NETWORKS,
    proofIntervalMs: values.PROOF_INTERVAL,
    startsAtOnce: values.STARTS_AT_ONCE ?? null,
    backups: {
      repository: values.BACKUP_REPOSITORY ?? null,
      sftp: { key: values.BACKUP_SFTP_KEY_FILE ?? null, knownHosts: values.BACKUP_SFTP_KNOWN_HOSTS ?? null },
      s3: {
        credentials: values.BACKUP_S3_CREDENTIALS_FILE ?? null,
        certificates: values.BACKUP_S3_CERTIFICATES_FILE ?? null,
      },
      keyFile: resolve(folder, values.BACKUP_KEY_FILE),
      schedule: values.BACKUP_SCHEDULE,
      checkSchedule: values.BACKUP_CHECK_SCHEDULE,
      keep: values.BACKUP_KEEP,
    },
    idleLimits: {
      'idle-pause': values.IDLE_PAUSE_AFTER,
      'idle-stop': values.IDLE_STOP_AFTER,
      'max-runtime': values.MAX_RUNTIME,
    },
    usage: { everyMs: values.USAGE_INTERVAL, recount: values.USAGE_RECOUNT },
  }
}
