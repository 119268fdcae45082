import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Json, project, type RunningService, startService } from './service.ts'

export type Told = { code: number | null; output: string; tookMs: number }

const limitMs = 60_000

/** Runs `bin/ailab …` to its end, with nobody at a terminal. `asUser` is uid:gid, without further groups. */
export async function ailab(
  args: string[],
  { env = {}, asUser }: { env?: Record<string, string>; asUser?: string } = {},
): Promise<Told> {
  const [uid, gid] = asUser?.split(':') ?? []
  const as = uid ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] : []
  const [command = '', ...rest] = [...as, join(project, 'bin/ailab'), ...args]
  const began = performance.now()
  const child = spawn(command, rest, {
    env: { ...process.env, NODE_OPTIONS: '', VITEST: '', FORCE_COLOR: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output, tookMs: performance.now() - began }
}

/** The doctor's JSON output for one examination. */
export type Examined = {
  code: number | null
  status: string
  checks: Json[]
  fixes: Json[]
  tookMs: number
  /** The results of one check. */
  of(id: string): Json[]
}

/** A folder like a clone: production.env, its example, and the data root of a service beside them. */
export type Lab = AsyncDisposable & {
  folder: string
  service: RunningService
  settings(lines: Record<string, string>): Promise<void>
  doctor(args?: string[], options?: Parameters<typeof ailab>[1]): Promise<Told>
  examine(args?: string[], options?: Parameters<typeof ailab>[1]): Promise<Examined>
}

export async function startLab(env: Record<string, string> = {}, name = 'ai-lab-doctor'): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`))
  await copyFile(join(project, 'production.env.example'), join(folder, 'production.env.example'))
  const service = await startService({ folder, env })
  const lab: Lab = {
    folder,
    service,
    settings: (lines) => writeFile(join(folder, 'production.env'), settingsText({ ...common(service), ...lines })),
    doctor: (args = [], options = {}) => ailab(['--folder', folder, 'doctor', ...args], options),
    async examine(args = [], options = {}) {
      const { code, output, tookMs } = await lab.doctor([...args, '--json'], options)
      const body = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1))
      return { code, tookMs, ...body, of: (id) => body.checks.filter((check: Json) => check.id === id) }
    },
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return lab
}

function common(service: RunningService): Record<string, string> {
  return { PORT: new URL(service.url).port, LEGACY_DATA_PATHS: '/nonexistent/ai-lab-data' }
}

function settingsText(lines: Record<string, string>): string {
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
