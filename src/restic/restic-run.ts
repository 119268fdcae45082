import { labels } from '../domain/names.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import type { Engine, Errand, OnOutput } from '../ports/engine.ts'
import { type ResticPlace, reach } from './place.ts'
import { type Message, messageOf, resticProblem, wordsOf } from './restic-words.ts'

export type Mount = Errand['mounts'][number]

export type Run = {
  /** Completes "could not …". */
  doing: string
  args: readonly string[]
  mounts?: readonly Mount[]
  /** As root with the rights to give files away: to restore. Otherwise as the service's user, with the right to read all files. */
  asRoot?: boolean
  /** Restic then changes nothing in the repository, not even a lock. */
  readOnly?: boolean
  /** What it means that a disk is full, if it is not the one of the backups. */
  whenFull?: string
  /** Exit codes beside 0 that are no failure. */
  mayEnd?: readonly number[]
  /** Gets each line of the output proper. Lines of more than 64 Ki characters come in pieces. */
  onLine?: (line: string) => void
  /** Gets the output proper as bytes, in place of `onLine`. */
  onOutput?: OnOutput
  /** Gets each line that is JSON, also of errors. */
  onMessage?: (message: Message) => void
}

export type ResticUses = {
  engine: Pick<Engine, 'runErrand' | 'endErrands' | 'importImage' | 'inspect'>
  /** The program and its image, as long as no image of that name is there. */
  image: () => Promise<{ name: string; tar: () => Promise<Uint8Array> }>
  repository: () => Promise<ResticPlace>
  key: () => Promise<string>
  /** The user of the service, who owns the repository: `uid:gid`. */
  user: () => Promise<string>
  /** Whose errands they are: the id of the data root. */
  owner: string
  random: () => string
}

/** The form of the names of our errands. They are the host names in restic's locks too. */
export const errandNameForm = /^ai-lab-restic-[0-9a-f]{8}-[0-9a-f]{16}$/

// Of 0.14, among its output proper.
const askingForKey = 'reading repository password from stdin'
const program = '/usr/bin/restic'
const memoryBytes = 2 * 2 ** 30
const errorLinesKept = 40

/** Runs restic where it sees its repository and the given folders only. @throws Problem; the signal's reason on abort */
export type RunRestic = (run: Run, options?: { signal?: AbortSignal }) => Promise<{ exitCode: number }>

/** @param running gets the names of the errands that run now */
export function createRunRestic(
  { engine, image, repository, key, user, owner, random }: ResticUses,
  running: Set<string>,
): RunRestic {
  return async (run, options = {}) => {
    const { name, tar } = await image()
    await engine.importImage(name, tar, options)
    // A name that nobody can guess, and that is never used again. A notebook may swap a folder for a link while restic reads it.
    // So the link must find nothing: it has to name a path, and the person knows no path to the repository (docs: decision 0032).
    const base = `/${random()}${random()}`
    const at = reach(await repository(), base, { readOnly: run.readOnly ?? false })
    const errors: string[] = []
    const errand: Errand = {
      name: `ai-lab-restic-${owner.slice(0, 8)}-${random()}`,
      image: name,
      labels: { [labels.errand]: owner },
      command: [
        ...[program, '--repo', at.repository, ...at.options, '--no-cache', '--json'],
        ...[...(run.readOnly ? ['--no-lock'] : []), ...run.args],
      ],
      env: { RESTIC_PROGRESS_FPS: '2', ...at.env },
      user: run.asRoot ? '0:0' : await user(),
      capabilities: run.asRoot ? ['DAC_OVERRIDE', 'CHOWN', 'FOWNER', 'FSETID'] : ['DAC_OVERRIDE'],
      mounts: [...at.mounts, ...(run.mounts ?? [])],
      needsNetwork: at.needsNetwork,
      memoryBytes,
      secret: await key(),
    }
    const onLine: Parameters<Engine['runErrand']>[1] = ({ stream, text }) => {
      const message = run.onMessage && messageOf(text)
      if (message) run.onMessage?.(message)
      if (stream === 'stdout' && text !== askingForKey) run.onLine?.(text)
      if (stream === 'stderr') errors.push(text)
      if (errors.length > errorLinesKept) errors.shift()
    }
    running.add(errand.name)
    const reading = { ...options, ...(run.onOutput && { onOutput: run.onOutput }) }
    const ended = engine.runErrand(errand, onLine, reading).finally(() => running.delete(errand.name))
    const exitCode = await ended.catch((error: unknown) => {
      // The engine names the missing file.
      if (run.mounts?.length || !isProblem(error, 'data-root-not-proven')) throw error
      const detail = 'The repository of the backups, or a file that it needs, is missing.'
      throw new Problem('backup-repository-unusable', detail, {
        adminDetail: `${detail} ${error.adminDetail}`,
        cause: error,
      })
    })
    if (exitCode === 0 || run.mayEnd?.includes(exitCode)) return { exitCode }
    throw resticProblem(
      run.doing,
      wordsOf(errors).replaceAll(`${base}/repository`, '<repository>').replaceAll(base, ''),
      exitCode,
      run.whenFull,
    )
  }
}
