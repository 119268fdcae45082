import { labels } from '../domain/names.ts'
import type { Engine, Errand } from '../ports/engine.ts'
import { type Message, meaningOf, messageOf, resticProblem, wordsOf } from './restic-words.ts'

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
  /** Gets each line that is JSON, also of errors. */
  onMessage?: (message: Message) => void
}

export type ResticUses = {
  engine: Pick<Engine, 'runErrand' | 'endErrands' | 'importImage' | 'inspect'>
  /** The program and its image, as long as no image of that name is there. */
  image: () => Promise<{ name: string; tar: () => Promise<Uint8Array> }>
  /** The repository's folder on the engine's host. */
  repository: () => Promise<string>
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

export function createRunRestic({ engine, image, repository, key, user, owner, random }: ResticUses): RunRestic {
  return async (run, options = {}) => {
    const { name, tar } = await image()
    await engine.importImage(name, tar, options)
    // A name that nobody can guess, and that is never used again. A notebook may swap a folder for a link while restic reads it.
    // So the link must find nothing: it has to name a path, and the person knows no path to the repository (docs: decision 0032).
    const target = `/${random()}${random()}/repository`
    const errors: string[] = []
    const errand: Errand = {
      name: `ai-lab-restic-${owner.slice(0, 8)}-${random()}`,
      image: name,
      labels: { [labels.errand]: owner },
      command: [program, '--repo', target, '--no-cache', '--json', ...(run.readOnly ? ['--no-lock'] : []), ...run.args],
      env: { RESTIC_PROGRESS_FPS: '2' },
      user: run.asRoot ? '0:0' : await user(),
      capabilities: run.asRoot ? ['DAC_OVERRIDE', 'CHOWN', 'FOWNER', 'FSETID'] : ['DAC_OVERRIDE'],
      mounts: [{ source: await repository(), target, readOnly: run.readOnly ?? false }, ...(run.mounts ?? [])],
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
    const exitCode = await engine.runErrand(errand, onLine, options)
    if (exitCode === 0 || run.mayEnd?.includes(exitCode)) return { exitCode }
    throw resticProblem(run.doing, wordsOf(errors).replaceAll(target, '<repository>'), exitCode, run.whenFull)
  }
}

export { meaningOf }
