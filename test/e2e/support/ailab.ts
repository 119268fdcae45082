import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { project } from './service.ts'

export type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }

/** Starts the command line, `ailab …`, by `through` if that is given: a command that runs another one. It leads a group of processes of its own: kill the whole group. */
export function startAilab(
  args: string[],
  env: Record<string, string>,
  through: string[] = [],
): { child: ChildProcess; ended: Promise<Ended> } {
  const { FORCE_COLOR: _, ...inherited } = process.env
  const [command = '', ...rest] = [...through, join(project, 'bin/ailab'), ...args]
  const child = spawn(command, rest, {
    env: { ...inherited, NODE_OPTIONS: '', VITEST: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ended: Ended = { code: null, signal: null, stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk) => (ended.stdout += chunk))
  child.stderr?.on('data', (chunk) => (ended.stderr += chunk))
  return { child, ended: once(child, 'close').then(([code, signal]) => ({ ...ended, code, signal })) }
}

/** Runs the command line to its end. */
export function ailab(args: string[], env: Record<string, string>, through: string[] = []): Promise<Ended> {
  return startAilab(args, env, through).ended
}
