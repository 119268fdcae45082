import { type ChildProcess, spawn } from 'node:child_process'
import { workFolder } from '../../domain/files/file-path.ts'
import type { Owner } from '../../domain/people/notebook-user.ts'
import { timeLimit } from '../../lib/time-limit.ts'
import type { Folder } from '../folder.ts'

// "Some files differ": a file changed while tar read it. tar then pads or cuts it, so that the archive stays whole.
const changedMeanwhile = 1

const silentAtMostMs = 60_000

/**
 * An open folder as a tar archive, made by GNU tar: it goes from open folder to open folder and follows no link either, opens no
 * pipe, and writes sparse files as such. `owner`: tar runs as that user, and leaves out what that user may not read. The folder may
 * be closed at once. Ends when `signal` aborts.
 *
 * @throws Error if tar failed for anything but a file that changed meanwhile; TimeLimitError if its disk hangs
 */
export function archiveTree(
  folder: Folder,
  { owner, signal }: { owner: Owner | null; signal: AbortSignal },
): AsyncGenerator<Buffer> {
  const child = spawn(
    'tar',
    [
      ...['--create', '--sparse', '--ignore-failed-read', '--anchored', `--exclude=./${workFolder}`],
      ...['--directory=/proc/self/fd/3', '.'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe', folder.handle.fd], signal, ...owner },
  )
  const ended = Promise.withResolvers<number | null>()
  ended.promise.catch(() => {}) // it may fail before the output is read to its end
  child.once('error', ended.reject)
  child.once('close', ended.resolve)
  return outputOf(child, ended.promise)
}

async function* outputOf(child: ChildProcess, ended: Promise<number | null>): AsyncGenerator<Buffer> {
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
    if (code !== 0 && code !== changedMeanwhile) throw new Error(`tar ended with ${code}: ${said}`)
  } finally {
    child.stdout?.destroy()
    child.kill()
  }
}
