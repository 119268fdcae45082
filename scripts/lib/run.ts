import { spawn } from 'node:child_process'

export interface RunOptions {
  signal: AbortSignal
  /** 15 minutes if not given: no command waits for ever. */
  timeoutMs?: number
  cwd?: string
  env?: Record<string, string>
  input?: string
  /** The signal that stops the command when it is aborted; `apt.ts` needs another one. */
  stopSignal?: NodeJS.Signals
  onLine?: (line: string) => void
}

export interface Outcome {
  ok: boolean
  /** The exit code; null if a signal ended the command, or if it could not be run. */
  code: number | null
  /** Standard output and standard error, in the order they came. */
  output: string
}

/**
 * Runs a command to its end and gives its output; the caller judges whether it succeeded. The command has a process group
 * of its own, so that Ctrl-C reaches it only from here, with all its children. If `signal` aborts it, throws an AbortError
 * once it has ended.
 */
export function run(command: string, args: string[], options: RunOptions): Promise<Outcome> {
  const { signal, timeoutMs = 15 * 60_000, stopSignal = 'SIGTERM', input } = options
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      detached: true,
      env: { ...process.env, ...options.env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    let output = ''
    const take = (chunk: string) => {
      output += chunk
      const line = chunk
        .trimEnd()
        .split(/[\r\n]/)
        .at(-1)
      if (line) options.onLine?.(line)
    }
    child.stdout?.setEncoding('utf8').on('data', take)
    child.stderr?.setEncoding('utf8').on('data', take)
    child.stdin?.end(input)

    const stop = () => stopGroup(child.pid, stopSignal)
    const timer = setTimeout(() => {
      output += `\n${command} had not finished after ${Math.round(timeoutMs / 1000)} s`
      stop()
    }, timeoutMs)
    signal.addEventListener('abort', stop, { once: true })
    const settle = (outcome: Outcome) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      if (signal.aborted) reject(signal.reason)
      else resolve(outcome)
    }
    child.once('error', (error) => settle({ ok: false, code: null, output: error.message }))
    child.once('close', (code) => settle({ ok: code === 0, code, output }))
  })
}

function stopGroup(pid: number | undefined, stopSignal: NodeJS.Signals) {
  if (pid === undefined) return
  try {
    process.kill(-pid, stopSignal)
  } catch {
    // The command ended at the same moment.
  }
}

/** The end of a command's output, which usually has the reason of a failure. */
export function tail(output: string, lines = 15): string {
  return output
    .trimEnd()
    .split('\n')
    .slice(-lines)
    .map((line) => `    ${line}`)
    .join('\n')
}
