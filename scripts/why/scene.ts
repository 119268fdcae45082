import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../lib/failure.ts'
import { type Outcome, run, tail } from '../lib/run.ts'
import { neutral } from './neutral.ts'

const commandLimitMs = 60_000

/** One fault, provoked once: a separate folder, and a line for everything that was done and seen there. */
export type Scene = AsyncDisposable & {
  folder: string
  signal: AbortSignal
  /** A container name that no other scene uses. The page calls the container `notebook`. */
  containerName: string
  /** From now on commands go to this engine, as with DOCKER_HOST. */
  useEngine(socket: string): void
  /** Runs a command to see what happens; writes down the command and its output. */
  show(command: string, ...args: string[]): Promise<Outcome>
  /** Runs a command that must succeed, and writes it down. @throws Failure when it fails */
  act(command: string, ...args: string[]): Promise<void>
  /** The same without writing it down, since it is not part of the story. @throws Failure when it fails */
  must(command: string, ...args: string[]): Promise<string>
  /** Writes down something that was done without a command, or was seen. */
  note(did: string, ...saw: string[]): void
  /** Runs `undo` at the end, the last one first, even after Ctrl-C. */
  defer(undo: () => PromiseLike<unknown>): void
  transcript(): string
}

export async function openScene(containerName: string, signal: AbortSignal): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-why-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const lines: string[] = []
  const note: Scene['note'] = (did, ...saw) => {
    const told = saw.flatMap((text) => text.trim().split('\n')).map((line) => `    ${line}`)
    lines.push(did, ...told)
  }
  const env: Record<string, string> = {}
  const execute = (command: string, args: string[]) => run(command, args, { signal, env, timeoutMs: commandLimitMs })
  const must: Scene['must'] = async (command, ...args) => {
    const { ok, output } = await execute(command, args)
    if (!ok) throw new Failure(`${command} ${args.join(' ')} failed:\n${tail(output)}`)
    return output.trim()
  }
  const rest = stack.move()
  return {
    folder,
    signal,
    containerName,
    note,
    useEngine(socket) {
      env.DOCKER_HOST = socket
    },
    async show(command, ...args) {
      const outcome = await execute(command, args)
      const exit = outcome.ok ? [] : [`exit ${outcome.code}`]
      note(`$ ${written([command, ...withoutLabels(args)])}`, ...exit, outcome.output.trim() || '(nothing)')
      return outcome
    },
    must,
    async act(command, ...args) {
      await must(command, ...args)
      note(`$ ${written([command, ...args])}`)
    },
    defer: (undo) => rest.defer(async () => void (await undo())),
    transcript: () => neutral(lines.join('\n'), { folder, containerName }),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

/** The label is only for cleaning up. */
function withoutLabels(args: string[]): string[] {
  return args.filter((arg, at) => arg !== '--label' && args[at - 1] !== '--label')
}

/** Runs a command for cleaning up, also after Ctrl-C. */
export function undo(command: string, ...args: string[]): Promise<Outcome> {
  return run(command, args, { signal: new AbortController().signal, timeoutMs: commandLimitMs })
}

/** A command as a person would type it. */
function written(words: string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(' ')
}
