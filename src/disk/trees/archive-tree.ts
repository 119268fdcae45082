import { spawn } from 'node:child_process'
import { workFolder } from '../../domain/files/file-path.ts'
import type { Folder } from '../folder.ts'

// "Some files differ": a file changed while tar read it. tar then pads or cuts it, so that the archive stays whole.
const changedMeanwhile = 1

/**
 * An open folder as a tar archive, made by GNU tar: it goes from open folder to open folder and follows no link either, opens no
 * pipe, and writes sparse files as such. Closes the folder at its end.
 *
 * @throws Error if tar failed for anything but a file that changed meanwhile
 */
export async function* archiveTree(folder: Folder, { signal }: { signal: AbortSignal }): AsyncGenerator<Buffer> {
  await using opened = folder
  const child = spawn(
    'tar',
    ['--create', '--sparse', '--anchored', `--exclude=./${workFolder}`, '--directory=/proc/self/fd/3', '.'],
    { stdio: ['ignore', 'pipe', 'pipe', opened.handle.fd], signal },
  )
  const ended = Promise.withResolvers<number | null>()
  ended.promise.catch(() => {}) // it may fail before the output is read to its end
  child.once('error', ended.reject)
  child.once('close', ended.resolve)
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)))
  try {
    for await (const bytes of child.stdout ?? []) yield bytes
    const code = await ended.promise
    if (code !== 0 && code !== changedMeanwhile) throw new Error(`tar ended with ${code}: ${said}`)
  } finally {
    child.kill()
  }
}
