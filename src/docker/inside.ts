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

/** What a process of the container sees, looked at from outside of it; null where this process may not look. */
export type LookThroughProcess = (process: { pid: number; containerId: string }) => Promise<InsideSight | null>

const marker = `${targets.shared}/${markerFile}`
// One process for all: what a folder is, and what the marker says. Ends by itself whatever the folders hold.
const script = `stat -c '%d %i %n' "$1" "$2"; echo "= $?"; head -c 64 "$3"`
const command = ['sh', '-c', script, 'sh', targets.shared, targets.data, marker]

/**
 * Looks at the mounts of a running container as its processes see them. The archive call would show what a new mount
 * sees (docs: docker-facts).
 *
 * From outside where that may be, through /proc: it costs nothing, and nobody inside can disturb it. Else with a process in
 * the container's own mount namespace. A look that hangs is abandoned; while its process is there, no other is started.
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

  async function byProcess(id: string, options: CallOptions): Promise<string[] | InsideSight> {
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

  async function fromOutside(id: string, options: CallOptions): Promise<InsideSight | null> {
    const inspect = (abortSignal: AbortSignal) => docker.getContainer(id).inspect({ abortSignal })
    const { State, Id } = await call(`inspect ${id}`, inspect, options)
    if (State.Pid === 0) return notRunning
    try {
      return await timeLimit(
        'the look',
        limitMs,
        () => lookThroughProcess({ pid: State.Pid, containerId: Id }),
        options,
      )
    } catch (error) {
      if (error instanceof TimeLimitError) return tooLong(limitMs)
      throw error
    }
  }

  return async (id, options = {}) => {
    try {
      const seen = await fromOutside(id, options)
      if (seen) return seen
      if (await isHanging(id, options)) return tooLong(limitMs)
      const answer = await oneAtATime(id, () => byProcess(id, options))
      return Array.isArray(answer) ? (sightOf(answer) ?? noTools) : answer
    } catch (error) {
      if (!isProblem(error, 'engine-refused')) throw error
      if (/is paused/i.test(error.adminDetail)) return paused
      const isWithout = /executable file not found|no such file or directory|permission denied/i
      return isWithout.test(error.adminDetail) ? noTools : notRunning
    }
  }
}

const notRunning: InsideSight = { kind: 'unverifiable', reason: 'it does not run any more', isFault: false }

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

/** What the script printed; null when there was no stat to carry it out. Pure. */
export function sightOf(lines: readonly string[]): InsideSight | null {
  const end = lines.findIndex((line) => line === '= 0' || line === '= 1')
  if (end < 0) return null
  const ids = new Map(
    lines.slice(0, end).flatMap((line): [string, FileId][] => {
      const [, device, inode, path] = /^(\d+) (\d+) (.+)$/.exec(line) ?? []
      return device && inode && path ? [[path, { device, inode }]] : []
    }),
  )
  const rootId = lines[end + 1]?.trim() || null
  return { kind: 'seen', shared: ids.get(targets.shared) ?? null, data: ids.get(targets.data) ?? null, rootId }
}
