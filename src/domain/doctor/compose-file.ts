/** Finds the mount of the data root in a compose file as Docker Compose would, in both generations, 1.29 and 2. */
import { z } from 'zod'
import { absolute } from '../../lib/absolute.ts'

/** Folders in the backend's image: its own, and the data root. */
export const imageFolder = '/app'
export const imageDataDir = '/app/ai-lab-data'

/** The name of the backend's service in the compose file. */
const serviceName = 'ai-lab-backend'

/** The name of the backend's container. `labName` is LAB_NAME. */
export function backendNameOf(labName: string): string {
  return `${labName}-backend`
}

export type ComposeMount =
  | { kind: 'bind'; source: string }
  | { kind: 'volume'; name: string }
  /** Compose would refuse the file. */
  | { kind: 'refused'; reason: string }
  | { kind: 'none' }
  | { kind: 'no-service' }

const longForm = z.object({ type: z.string(), source: z.string().optional(), target: z.string() })
const service = z.object({
  container_name: z.string().optional(),
  volumes: z.array(z.union([z.string(), longForm.loose()])).default([]),
})
const composeFile = z.object({ services: z.record(z.string(), z.unknown()) })

/**
 * The mount at `target` in the backend's service. `folder` is the compose file's folder; `env` has the values that
 * Compose puts in for `${…}`.
 */
export function dataMount(
  document: unknown,
  { target, folder, home, env }: { target: string; folder: string; home: string; env: Variables },
): ComposeMount {
  const missing: string[] = []
  const filled = composeFile.safeParse(fillIn(document, env, missing))
  if (missing[0] !== undefined) return { kind: 'refused', reason: missing[0] }
  const backend = filled.success ? backendOf(filled.data.services) : null
  if (!backend) return { kind: 'no-service' }
  const mount = backend.volumes.map(readVolume).find((volume) => absolute('/', volume.target) === target)
  if (!mount) return { kind: 'none' }
  if (mount.type === 'bind') return { kind: 'bind', source: absolute(folder, mount.source.replace(/^~(?=\/|$)/, home)) }
  return { kind: 'volume', name: mount.source }
}

function backendOf(services: Record<string, unknown>): z.infer<typeof service> | null {
  const named = Object.entries(services).map(([key, value]) => ({ key, read: service.safeParse(value) }))
  const found = named.find(({ key, read }) => key === serviceName || read.data?.container_name === serviceName)
  return found?.read.data ?? null
}

type Volume = { type: string; source: string; target: string }

function readVolume(volume: string | z.infer<typeof longForm>): Volume {
  if (typeof volume !== 'string') return { ...volume, source: volume.source ?? '' }
  const [source = '', target = source] = volume.split(':')
  return { type: /^[./~]/.test(source) && target !== source ? 'bind' : 'volume', source, target }
}

export type Variables = Readonly<Record<string, string | undefined>>

function fillIn(value: unknown, env: Variables, missing: string[]): unknown {
  if (typeof value === 'string') return interpolate(value, env, missing)
  if (Array.isArray(value)) return value.map((item) => fillIn(item, env, missing))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, env, missing)]))
}

/** `$$`, `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?why}`, `${NAME:+other}`. */
export function interpolate(text: string, env: Variables, missing: string[]): string {
  return text.replace(
    /\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])([^}]*))?\})/g,
    (_, dollar, plain, braced, sign = '', word = '') => {
      if (dollar) return '$'
      const value = env[plain ?? braced]
      const isThere = value !== undefined && !(sign.startsWith(':') && value === '')
      if (sign.endsWith('+')) return isThere ? word : ''
      if (isThere) return value
      if (sign.endsWith('?')) missing.push(`${braced}: ${word || 'it is not set'}`)
      return sign.endsWith('-') ? word : ''
    },
  )
}
