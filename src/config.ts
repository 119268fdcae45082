/** The only reader of the process's environment. `production.env.example` documents every variable. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'dotenv'
import { z } from 'zod'
import { durationMs } from './domain/units.ts'

const port = z.coerce.number().int().min(1).max(65535)
const id = z.coerce.number().int().min(1, 'notebooks do not run as root')
const url = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ''))

/** Every variable that the service reads, and its default. */
export const variables = z.object({
  PORT: port.default(5555),
  HOST: z.string().min(1).default('127.0.0.1'),
  PUBLIC_URL: url.optional(),
  DATA_DIR: z.string().min(1).default('./ai-lab-data'),
  HOST_DATA_PATH: z.string().startsWith('/', 'write an absolute path').optional(),
  DOCKER_HOST: z
    .string()
    .regex(/^(unix:\/\/\/|tcp:\/\/|http:\/\/)/, 'write unix:///var/run/docker.sock or tcp://host:port')
    .default('unix:///var/run/docker.sock'),
  CATALOG_FILE: z.string().min(1).default('./catalog.yaml'),
  NB_UID: id.optional(),
  NB_GID: id.optional(),
  SHARED_MODE: z.enum(['ro', 'rw']).default('ro'),
  PROOF_INTERVAL: durationMs.default(60_000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

export type Config = {
  port: number
  host: string
  publicUrl: string
  dataDir: string
  hostDataPath: string | null
  dockerHost: string
  catalogFile: string
  notebook: { uid: number; gid: number }
  /** Whom people's folders are given to; null where that is the service's own user. */
  owner: { uid: number; gid: number } | null
  sharedMode: 'ro' | 'rw'
  proofIntervalMs: number
  logLevel: string
}

/** All that is wrong with the configuration at once, a line each, by the variables' names. */
export class ConfigError extends Error {
  override name = 'ConfigError'
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
  user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
): Config {
  const fromFile = readSettings(resolve(folder, 'production.env'))
  const fromEnv = readSettings(resolve(folder, '.env'))
  const given = Object.entries({ ...fromEnv, ...fromFile, ...processEnv }).filter(([, value]) => value)
  const result = variables.safeParse(Object.fromEntries(given))
  const mistakes = [
    ...Object.keys(fromFile)
      .filter((name) => !mayBeInFile(name))
      .map((name) => `${name}: there is no such setting`),
    ...(result.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`),
  ]
  if (!result.success || mistakes.length > 0) throw new ConfigError(mistakes.join('\n'))
  return resolved(result.data, folder, user)
}

function readSettings(file: string): Record<string, string> {
  return existsSync(file) ? parse(readFileSync(file)) : {}
}

// production.env is also what Compose reads, and what it gives to the container.
function mayBeInFile(name: string): boolean {
  return name in variables.shape || /^(DOCKER_GID|TZ|NODE_.*|COMPOSE_.*)$/.test(name)
}

function resolved(values: z.infer<typeof variables>, folder: string, user: { uid: number; gid: number }): Config {
  const asNotebookUser = user.uid === 0 || user.uid === 1000
  const notebook = {
    uid: values.NB_UID ?? (asNotebookUser ? 1000 : user.uid),
    gid: values.NB_GID ?? (asNotebookUser ? 100 : user.gid),
  }
  if (user.uid !== 0 && notebook.uid !== user.uid) {
    throw new ConfigError(
      `NB_UID: is ${notebook.uid}, but the service runs as ${user.uid} and cannot give folders to another user. ` +
        'Run it as root or as that user, or leave NB_UID out.',
    )
  }
  return {
    port: values.PORT,
    host: values.HOST,
    publicUrl: values.PUBLIC_URL ?? `http://localhost:${values.PORT}`,
    dataDir: resolve(folder, values.DATA_DIR),
    hostDataPath: values.HOST_DATA_PATH?.replace(/(?<=.)\/+$/, '') ?? null,
    dockerHost: values.DOCKER_HOST,
    catalogFile: resolve(folder, values.CATALOG_FILE),
    notebook,
    owner: user.uid === notebook.uid && user.gid === notebook.gid ? null : notebook,
    sharedMode: values.SHARED_MODE,
    proofIntervalMs: values.PROOF_INTERVAL,
    logLevel: values.LOG_LEVEL,
  }
}
