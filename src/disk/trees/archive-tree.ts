import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ArchiveFormat } from '../../domain/files/archive-format.ts'
import type { Owner } from '../../domain/people/notebook-user.ts'
import type { Octets } from '../../lib/octets.ts'
import { timeLimit } from '../../lib/time-limit.ts'
import type { Folder } from '../folder.ts'
import type { ZipOrder } from './zip-folder.ts'

// "Some files differ": a file changed while tar read it. tar then pads or cuts it, so that the archive stays whole.
const changedMeanwhile = 1

const silentAtMostMs = 60_000

/** The names of 200,000 files in one folder take some 100 MiB. A folder that needs more ends its archive, not the service. */
const zipMemoryMiB = 512
const zipProgram = fileURLToPath(new URL('../../zip-folder.ts', import.meta.url))

type Archiving = { owner: Owner | null; isHidden: (name: Octets) => boolean; signal: AbortSignal }

/**
 * An open folder as an archive, made by a process of its own, which goes from open folder to open folder, follows no link and opens no
 * pipe. `isHidden` leaves out entries of the folder itself. What `owner` may not read is left out. The folder may be closed at once.
 * Ends when `signal` aborts.
 *
 * @throws Error if the process failed; TimeLimitError if its disk hangs
 */
export async function archiveTree(
  folder: Folder,
  format: ArchiveFormat,
  { isHidden, ...options }: Archiving,
): Promise<AsyncGenerator<Buffer>> {
  const names = (await folder.names()).filter((name) => !isHidden(name))
  const child = format === 'tar' ? startTar(folder, names, options) : startZip(folder, names, options)
  child.stdin?.on('error', () => {}) // the process says why it ended
  const ended = Promise.withResolvers<number | null>()
  ended.promise.catch(() => {}) // it may fail before the output is read to its end
  child.once('error', ended.reject)
  child.once('close', ended.resolve)
  return outputOf(child, format, ended.promise)
}

type Making = Omit<Archiving, 'isHidden'>

/** GNU tar runs as the owner, and writes sparse files as such. */
function startTar(folder: Folder, names: readonly Octets[], { owner, signal }: Making): ChildProcess {
  const child = spawn(
    'tar',
    ['--create', '--sparse', '--ignore-failed-read', '--directory=/proc/self/fd/3', '--null', '--files-from=-'],
    { stdio: ['pipe', 'pipe', 'pipe', folder.handle.fd], signal, ...owner },
  )
  // tar's own --exclude takes minutes for a path of 5,000 folders.
  child.stdin?.end(names.map((name) => `./${name}\0`).join(''), 'latin1')
  return child
}

/** Our own program looks at owners and modes itself: the owner may not be able to read the program. */
function startZip(folder: Folder, names: Octets[], { owner, signal }: Making): ChildProcess {
  const args = [`--max-old-space-size=${zipMemoryMiB}`, zipProgram]
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'pipe', folder.handle.fd],
    cwd: '/',
    signal,
  })
  child.stdin?.end(JSON.stringify({ names, owner } satisfies ZipOrder))
  return child
}

async function* outputOf(
  child: ChildProcess,
  format: ArchiveFormat,
  ended: Promise<number | null>,
): AsyncGenerator<Buffer> {
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)))
  const output: AsyncIterator<Buffer> | undefined = child.stdout?.[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await timeLimit('the next piece of an archive', silentAtMostMs, async () => output?.next())
      if (!next || next.done) break
      yield next.value
    }
    const code = await ended
    const isWhole = code === 0 || (format === 'tar' && code === changedMeanwhile)
    if (!isWhole) throw new Error(`the ${format} archive ended with ${code}: ${said}`)
  } finally {
    child.stdout?.destroy()
    child.kill()
  }
}
