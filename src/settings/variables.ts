/** The variables that configure the service: their form, and the words for a value that has another one. */
import { z } from 'zod'
import { keepWords } from '../domain/backups/keep.ts'
import { isRemote, placeOfRepository, repositoryAdvice } from '../domain/backups/repository-place.ts'
import { environmentsUrl } from '../domain/gateway/environments-url.ts'
import { ipv4Network } from '../domain/network/ipv4-network.ts'
import { durationMs, limitMs } from '../domain/units.ts'
import { absolute } from '../lib/absolute.ts'
import { isLoopback } from '../lib/is-loopback.ts'
import { isSchedule } from '../lib/schedule.ts'
import { defaultHost, defaultPort } from './listening.ts'

const wholeNumber = (atLeast: number, atMost: number, advice = `write a whole number from ${atLeast} to ${atMost}`) =>
  z.coerce.number(advice).int(advice).min(atLeast, advice).max(atMost, advice)
const oneOf = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, `write ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`)
const id = z.coerce
  .number('write the number of a user or group: `id` shows them')
  .int('write a whole number')
  .min(1, 'notebooks do not run as root: write a number from 1 on')
// A path in the form that the engine gives (Go's path.Clean), to compare it with the engine's paths.
const path = z
  .string()
  .startsWith('/', 'write an absolute path')
  .transform((text) => absolute('/', text))
const repository = z
  .string()
  .refine((text) => placeOfRepository(text) !== null, repositoryAdvice)
  .transform((text) => (isRemote(text) ? text : absolute('/', text)))
const paths = z
  .string()
  .transform((text) => text.split(',').map((each) => each.trim()))
  .refine((list) => list.every((each) => each.startsWith('/')), 'write absolute paths, with commas between them')
  .transform((list) => list.map((each) => absolute('/', each)))
const networks = z
  .string()
  .transform((text) => text.split(',').map((network) => network.trim()))
  .pipe(z.array(ipv4Network))
const notPublicUrl = 'write an address such as https://lab.example.org or https://host.example.org/lab'
// A path of plain names alone: it stands in links and in the Path of cookies as it is.
const url = z
  .url({ protocol: /^https?$/, error: notPublicUrl, abort: true })
  .transform((text) => text.replace(/\/+$/, ''))
  .refine((text) => /^https?:\/\/[^/?#@\\]+(\/(?!\.{1,2}(\/|$))[\w.~-]+)*$/i.test(text), notPublicUrl)

const environments = z.string().transform((text, context) => {
  const read = environmentsUrl(text)
  if (read) return read
  const message =
    'write a pattern with {id} in the host name, such as https://{id}.env.lab.example.org; without {id} it is one origin for all'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

const noSsh =
  'ssh:// is not supported. Write tcp://host:2376 with DOCKER_TLS_VERIFY=1, or carry the socket over: ssh -N -L /run/engine.sock:/var/run/docker.sock host, and write unix:///run/engine.sock'
const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])
const proxies = z
  .string()
  .transform((text) => text.split(',').map((each) => each.trim()))
  .refine(
    (list) => list.every((each) => network.safeParse(each).success),
    'write IP addresses or networks such as 10.0.0.0/8, with commas between them',
  )

// Byte for byte as the provider writes it, with the slash at the end that some have.
const issuer = z
  .url({
    protocol: /^https?$/,
    error: 'write the address of the provider, such as https://login.example.org',
    abort: true,
  })
  .refine((text) => !/[?#]/.test(text), 'write the address without ? and #')
  .refine((text) => {
    const { protocol, hostname } = new URL(text)
    return protocol === 'https:' || isLoopback(hostname)
  }, 'write an address with https: over http anybody on the way could sign in as anybody')
const words = z.string().transform((text) => text.trim())
const groups = z
  .string()
  .transform((text) => text.split(',').map((each) => each.trim()))
  .refine((list) => list.every((each) => each !== ''), 'write names of groups, with commas between them')
const tierGroups = groups.transform((list, context) =>
  list.map((each) => {
    const [, group, tier] = /^(.+?)\s*=\s*([^=]+)$/.exec(each) ?? []
    if (group && tier) return { group, tier }
    context.addIssue({ code: 'custom', message: 'write group=tier, with commas between several' })
    return z.NEVER
  }),
)
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]+$/, 'write the name of a header, such as X-Forwarded-Email')
  .transform((text) => text.toLowerCase())
  .refine((name) => !['authorization', 'cookie', 'host'].includes(name), 'write a header that only the proxy sets')

const schedule = z
  .string()
  .refine(
    (text) => text === 'off' || isSchedule(text),
    'write a cron expression such as 30 3 * * * (minute, hour, day, month, weekday), or off',
  )
  .transform((text) => (text === 'off' ? null : text))

export const defaultLabName = 'ai-lab'

/** Every variable that the service reads, and its default. */
export const variables = z.object({
  PORT: wholeNumber(1, 65535).default(defaultPort),
  HOST: z.string().min(1).default(defaultHost),
  LAB_NAME: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]*$/, 'write lower case letters, digits, - and _')
    .default(defaultLabName),
  GATEWAY: oneOf(['inside', 'apart']).default('inside'),
  GATEWAY_PORT: wholeNumber(1, 65535).optional(),
  PUBLIC_URL: url.optional(),
  ENVIRONMENTS_URL: environments.optional(),
  TRUST_PROXY: proxies.default([]),
  TRUSTED_USER_HEADER: headerName.optional(),
  OIDC_ISSUER: issuer.optional(),
  OIDC_CLIENT_ID: words.optional(),
  OIDC_CLIENT_SECRET: words.optional(),
  OIDC_CLIENT_SECRET_FILE: z.string().optional(),
  OIDC_NAME: words.optional(),
  OIDC_USER_CLAIM: words.default('email'),
  OIDC_GROUPS_CLAIM: words.default('groups'),
  OIDC_ALLOWED_GROUPS: groups.optional(),
  OIDC_ADMIN_GROUPS: groups.optional(),
  OIDC_TIER_GROUPS: tierGroups.optional(),
  OFFLOAD: z.literal('nginx', 'write nginx, or leave it out').optional(),
  DATA_DIR: z.string().min(1).default('./ai-lab-data'),
  HOST_DATA_PATH: path.optional(),
  DOCKER_HOST: z
    .string()
    .refine((text) => !text.startsWith('ssh://'), { error: noSsh, abort: true })
    .regex(/^(unix:\/\/\/|tcp:\/\/|http:\/\/)/, 'write unix:///var/run/docker.sock or tcp://host:port')
    .default('unix:///var/run/docker.sock'),
  DOCKER_TLS_VERIFY: z
    .string()
    .regex(/^(1|true|yes|on)$/i, 'write 1, or leave it out: over TLS the service always verifies the engine')
    .optional(),
  DOCKER_CERT_PATH: z.string().optional(),
  CATALOG_FILE: z.string().min(1).default('./catalog.yaml'),
  NB_UID: id.optional(),
  NB_GID: id.optional(),
  SHARED_MODE: oneOf(['ro', 'rw']).default('ro'),
  BLOCKED_NETWORKS: networks.default([]),
  LEGACY_DATA_PATHS: paths.default(['/opt/ai-lab-data']),
  STARTS_AT_ONCE: wholeNumber(1, 1000).optional(),
  PROOF_INTERVAL: durationMs({ atLeast: '250ms', atMost: '24h' }).default(60_000),
  IDLE_PAUSE_AFTER: limitMs.default(30 * 60_000),
  TRASH_KEEP: limitMs.default(30 * 86_400_000),
  IDLE_STOP_AFTER: limitMs.default(12 * 3_600_000),
  MAX_RUNTIME: limitMs.default(null),
  BACKUP_REPOSITORY: repository.optional(),
  BACKUP_SFTP_KEY_FILE: path.optional(),
  BACKUP_SFTP_KNOWN_HOSTS: path.optional(),
  BACKUP_S3_CREDENTIALS_FILE: path.optional(),
  BACKUP_S3_CERTIFICATES_FILE: path.optional(),
  BACKUP_KEY_FILE: z.string().min(1).default('./backup.key'),
  BACKUP_SCHEDULE: schedule.default('0 3 * * *'),
  BACKUP_KEEP: keepWords.default({ daily: 7, weekly: 4, monthly: 12 }),
  BACKUP_CHECK_SCHEDULE: schedule.default('0 5 * * *'),
  USAGE_INTERVAL: limitMs.default(3_600_000),
  USAGE_RECOUNT: schedule.default('30 3 * * *'),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  LOG_TIME: oneOf(['epoch', 'iso']).default('epoch'),
})
