import { constants } from 'node:fs'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { copiesToDrop, copyName, newestCopyOf } from '../domain/database-copy.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { sizeInWords } from '../lib/size-in-words.ts'
import { ensurePrivateFile, isCode, layFolder, sync } from './files.ts'
import { roomAt } from './room.ts'

type Older = {
  databaseFile: string
  /** The newest change of its tables. */
  tables: string
  bytes: number
  atMs: number
}

/**
 * Keeps a copy of a database in the folder `database-copies` beside it, and gives its path. `write` writes the database into an
 * empty file. After a kill or a power cut there is the whole copy, or none: the file gets its name only once it is on the disk.
 * An upgrade that fails is tried again every few seconds: then the copy of the first try will do.
 *
 * @throws Error with a sentence for the administrator
 */
export async function keepDatabaseCopy(
  { databaseFile, tables, bytes, atMs }: Older,
  write: (file: string) => void,
): Promise<string> {
  const folder = `${dirname(databaseFile)}/database-copies`
  const owner = process.getuid?.() === 0 ? await stat(databaseFile) : null
  await layFolder(folder, { mode: 0o700, owner })
  await sync(dirname(folder))
  const kept = await keptByThisProcess(folder, { databaseFile, tables })
  if (kept) return kept
  const draft = `${folder}/draft`
  const name = copyName(tables, atMs)
  try {
    await removeDraft(draft) // of a start that was cut short
    await requireRoom(folder, bytes)
    await ensurePrivateFile(draft, owner)
    write(draft)
    await syncFile(draft)
    await rename(draft, `${folder}/${name}`)
    await sync(folder)
  } catch (error) {
    await removeDraft(draft)
    throw new Error(
      'The database is of an earlier version, and the copy that is kept before an upgrade could not be made. The tables were left as they are.',
      { cause: error },
    )
  }
  // An old copy that cannot be removed stops no upgrade: each new try would make one more copy, until the disk is full.
  const old = copiesToDrop(await readdir(folder), name)
  await Promise.allSettled(old.map((each) => rm(`${folder}/${each}`)))
  return `${folder}/${name}`
}

/**
 * The newest copy of these tables, if this process made it and the database has not changed since. Of a copy from before, the time of
 * a file proves nothing: somebody may have put back an older database with its time.
 */
async function keptByThisProcess(
  folder: string,
  { databaseFile, tables }: Pick<Older, 'databaseFile' | 'tables'>,
): Promise<string | null> {
  const newest = newestCopyOf(await readdir(folder), tables)
  if (newest === null) return null
  const copiedAt = await changedAt(`${folder}/${newest}`)
  const changes = await Promise.all(['', '-wal', '-journal'].map((part) => changedAt(`${databaseFile}${part}`)))
  return [performance.timeOrigin, ...changes].every((at) => at < copiedAt) ? `${folder}/${newest}` : null
}

/** When the content of a file changed last; long ago if it has none. */
async function changedAt(file: string): Promise<number> {
  const { size, mtimeMs } = await stat(file).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return { size: 0, mtimeMs: 0 }
    throw error
  })
  return size > 0 ? mtimeMs : Number.NEGATIVE_INFINITY
}

/** Looks first: a start that fails is tried again soon, and should not fill the disk each time. */
async function requireRoom(folder: string, bytes: number): Promise<void> {
  const { freeBytes } = await roomAt(folder)
  if (freeBytes >= bytes) return
  throw new Error(
    `The copy takes ${sizeInWords(bytes)}, and the disk of ${folder} has ${sizeInWords(freeBytes)} free (df -h ${shellQuote(folder)}). Make room.`,
  )
}

async function syncFile(file: string): Promise<void> {
  await using handle = await open(file, constants.O_RDONLY)
  await handle.sync()
}

async function removeDraft(draft: string): Promise<void> {
  for (const part of ['', '-journal', '-wal', '-shm']) await rm(`${draft}${part}`, { force: true })
}
