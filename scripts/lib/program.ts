import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** One Ctrl-C arrives up to three times: from the terminal, from npm, and from the shell between. */
const SAME_KEYSTROKE_MS = 1_000

/**
 * Runs a Node program with this terminal until it ends, and gives its exit code. The program is in a session of its own, so
 * it hears of a Ctrl-C only from here, once. If another Ctrl-C comes at least a second later, it is passed on too.
 */
export function runProgram(args: string[], signal: AbortSignal, env: Record<string, string> = {}): Promise<number> {
  if (signal.aborted) return Promise.resolve(130)
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit', detached: true, env: { ...process.env, ...env } })
    let toldAt = Number.NEGATIVE_INFINITY
    const tell = (name: NodeJS.Signals) => {
      if (performance.now() - toldAt < SAME_KEYSTROKE_MS) return
      toldAt = performance.now()
      child.kill(name)
    }
    const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    for (const name of names) process.on(name, tell)
    const end = (code: number) => {
      for (const name of names) process.off(name, tell)
      resolve(code)
    }
    child.once('error', () => end(1))
    child.once('exit', (code, name) => end(code ?? 128 + (name ? constants.signals[name] : 0)))
  })
}
