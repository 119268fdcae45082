import { markerFile, targets } from '../domain/names.ts'
import { isProblem } from '../domain/problem.ts'
import type { FileId, InsideSight } from '../domain/proof/compare-mounts.ts'
import type { OneAtATime } from '../lib/one-at-a-time.ts'
import { TimeLimitError, timeLimit } from '../lib/time-limit.ts'
import type { Engine } from '../ports/engine.ts'
import type { Call, CallOptions } from './calls.ts'
import type { Docker, DockerExec } from './dockerode.ts'
import { engineProblem } from './engine-problem.ts'
import { logLines } from './log-lines.ts'

/** The files that a process of the container sees, looked at from outside; null if this process may not look. */
export type LookThroughProcess = (process: { pid: number; containerId: string }) => Promise<InsideSight | null>

const marker = `${targets.shared}/${markerFile}`
// One process for all folders: it prints each folder's identity and its marker. It ends by itself whatever they hold.
const script = `stat -c '%d %i %n' "$1" "$2"; echo "= $?"; head -c 64 "$3"`
const command = ['sh', '-c', script, 'sh', targets.shared, targets.data, marker]

// If a container ends during a look, it may be up again at the next look.
const looksAtMost = 3
// How long the engine may take to see that a container has ended.
const engineLagMs = 100

/** One run of a container: from a start to its end. */
type Run = { containerId: string; pid: number; startedAt: string }

/**
 * Looks at the mounts of a running container as its processes see them. The archive call would show what a new mount
 * sees (docs: docker-facts).
 *
 * If the service may, it looks from outside, through /proc: that costs nothing, and nobody inside can disturb it. Otherwise
 * it looks with a process in the container's own mount namespace.
 *
 * INVARIANTS
 * - A failed look counts only if the same run goes on after it. Otherwise the service looks again, or leaves the container
 *   out as ended.
 * - A hanging look is abandoned. Until it ends, no other look begins in that container, and no look from outside begins in
 *   any container: each holds one of the process's few threads.
 */
export function createInside(
  docker: Docker,
  call: Call,
  {
    lookThroughProcess,
    limitMs,
    oneAtATime,
  }: { lookThroughProcess: LookThroughProcess; limitMs: number; oneAtATime: OneAtATime },
): Engine['seeInside'] {
  const hanging = new Map<string, DockerExec>()
  const hangingOutside = new Set<string>()

  async function runOf(id: string, options: CallOptions): Promise<Run | null> {
    const inspect = (abortSignal: AbortSignal) => docker.getContainer(id).inspect({ abortSignal })
    try {
      const { State, Id } = await call(`inspect ${id}`, inspect, options)
      return State.Pid === 0 ? null : { containerId: Id, pid: State.Pid, startedAt: State.StartedAt }
    } catch (error) {
      if (isProblem(error, 'engine-refused')) return null // the container is gone
      throw error
    }
  }

  async function isHanging(id: string, options: CallOptions): Promise<boolean> {
    const exec = hanging.get(id)
    if (!exec) return false
    const look = (abortSignal: AbortSignal) => exec.inspect({ abortSignal }).then(({ Running }) => Running)
    const still = await call(`look for an earlier look into ${id}`, look, options).catch((error: unknown) => {
      if (isProblem(error, 'engine-refused')) return false // the container ended, and the process with it
      throw error
    })
    if (!still) hanging.delete(id)
    return still
  }

  async function byExec(id: string, options: CallOptions): Promise<string[] | InsideSight> {
    const create = (abortSignal: AbortSignal) =>
      docker.getContainer(id).exec({ Cmd: command, AttachStdout: true, AttachStderr: true, abortSignal })
    const exec = await call(`prepare a look into ${id}`, create, options)
    try {
      return await timeLimit('the look', limitMs, (abortSignal) => outputOf(exec, abortSignal), options)
    } catch (error) {
      if (!(error instanceof TimeLimitError)) throw engineProblem(error, `look into ${id}`)
      hanging.set(id, exec)
      return tooLong(limitMs)
    }
  }

  async function fromInside(id: string, options: CallOptions): Promise<InsideSight> {
    if (await isHanging(id, options)) return tooLong(limitMs)
    try {
      const answer = await oneAtATime(id, () => byExec(id, options))
      return Array.isArray(answer) ? sightOf(answer) : answer
    } catch (error) {
      if (!isProblem(error, 'engine-refused')) throw error
      if (/is paused/i.test(error.adminDetail)) return paused
      return isWithoutShell.test(error.adminDetail) ? noTools : ended
    }
  }

  async function fromOutside({ pid, containerId }: Run, options: CallOptions): Promise<InsideSight | null> {
    if (hangingOutside.size > 0) return hangingOutside.has(containerId) ? tooLong(limitMs) : null
    const looking = lookThroughProcess({ pid, containerId })
    try {
      return await timeLimit('the look', limitMs, () => looking, options)
    } catch (error) {
      if (!(error instanceof TimeLimitError)) throw error
      hangingOutside.add(containerId)
      const back = () => hangingOutside.delete(containerId)
      looking.then(back, back)
      return tooLong(limitMs)
    }
  }

  /** What the look showed, or why it showed nothing. */
  async function look(run: Run, options: CallOptions): Promise<InsideSight | Error> {
    try {
      return (await fromOutside(run, options)) ?? (await fromInside(run.containerId, options))
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  return async (id, options = {}) => {
    const first = await runOf(id, options)
    let run = first
    for (let looks = 1; ; looks += 1) {
      if (run === null) return ended
      const sight = await look(run, options)
      if (!(sight instanceof Error) && sight.kind === 'seen') return sight
      const isLikelyEnd = sight instanceof Error || sight === cutShort
      // The processes inside know of an end before the engine does.
      if (isLikelyEnd) await new Promise((resolve) => setTimeout(resolve, engineLagMs))
      const next = await runOf(id, options)
      if (isSameRun(run, next) && !isLikelyEnd) return sight
      if (looks === looksAtMost) return settled(sight, isSameRun(first, next))
      run = next
    }
  }
}

function isSameRun(one: Run | null, other: Run | null): boolean {
  return one?.pid === other?.pid && one?.startedAt === other?.startedAt
}

/** A look that failed to the last counts if one and the same run went on through all of them. */
function settled(sight: InsideSight | Error, isOneRun: boolean): InsideSight {
  if (!isOneRun) return ended
  if (sight instanceof Error) throw sight
  return sight
}

/** The words of runtimes when they cannot start a program; they also miss files of a container that is ending. */
const isWithoutShell =
  /\bexec:? "?[\w/]*\bsh"?: (executable file not found|no such file or directory|permission denied)/i

const ended: InsideSight = { kind: 'ended' }

const cutShort: InsideSight = {
  kind: 'unverifiable',
  reason: 'the process that looks with a program of its image is ended each time before it has looked',
  isFault: true,
}

const paused: InsideSight = {
  kind: 'unverifiable',
  reason: 'it is paused, and no process runs in it; it is looked at again when it is resumed',
  isFault: false,
}

const noTools: InsideSight = {
  kind: 'unverifiable',
  reason: 'its image has no sh, stat and head to look with',
  isFault: false,
}

function tooLong(limitMs: number): InsideSight {
  return { kind: 'unverifiable', reason: `its file system does not answer within ${limitMs / 1000} s`, isFault: true }
}

async function outputOf(exec: DockerExec, abortSignal: AbortSignal): Promise<string[]> {
  const stream = await exec.start({ abortSignal })
  const lines: string[] = []
  for await (const { stream: name, text } of logLines(stream)) {
    if (name === 'stdout' && lines.length < 16) lines.push(text.slice(0, 256))
  }
  return lines
}

/** Reads the output: of the script, or of the runtime in its place. Pure. */
function sightOf(lines: readonly string[]): InsideSight {
  if (lines.some((line) => /^= 12[67]$/.test(line) || isWithoutShell.test(line))) return noTools
  const end = lines.findIndex((line) => line === '= 0' || line === '= 1')
  if (end < 0) return cutShort
  const ids = new Map(
    lines.slice(0, end).flatMap((line): [string, FileId][] => {
      const [, device, inode, path] = /^(\d+) (\d+) (.+)$/.exec(line) ?? []
      return device && inode && path ? [[path, { device, inode }]] : []
    }),
  )
  const rootId = lines[end + 1]?.trim() || null
  return { kind: 'seen', shared: ids.get(targets.shared) ?? null, data: ids.get(targets.data) ?? null, rootId }
}
