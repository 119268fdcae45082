import { readFile, rm, stat } from 'node:fs/promises'
import { exists } from './look-at-root.ts'

/** Whether an SQLite file has a log beside it (`-wal`): it is in use, or its last user was killed. */
export function hasLog(file: string): Promise<boolean> {
  return exists(`${file}-wal`)
}

const suffixesBeside = ['-wal', '-shm', '-journal']

/** The files that SQLite keeps beside a database, those of them that are there. It replays them into any database of that name. */
export async function filesBeside(database: string): Promise<string[]> {
  const files = suffixesBeside.map((suffix) => `${database}${suffix}`)
  const there = await Promise.all(files.map(exists))
  return files.filter((_, at) => there[at])
}

const tries = 3

/**
 * The bytes of an SQLite file that was closed in order; null where a log is beside it, or the file changes again and again: it is in
 * use, or was left so.
 *
 * Another program may open the database during the read, and write to the file as it closes it. The bytes would be of before and
 * after that, so they count only if the file is as it was before the look for a log.
 */
export async function readClosedDatabase(file: string): Promise<Uint8Array | null> {
  for (let tried = 0; tried < tries; tried += 1) {
    const before = await versionOf(file)
    if ((await hasLog(file)) || (await exists(`${file}-journal`))) return null
    const content = await readFile(file)
    if ((await versionOf(file)) === before) return content
  }
  return null
}

async function versionOf(file: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(file, { bigint: true })
  return `${ino} ${size} ${mtimeNs}`
}

/** Removes an SQLite file with its log. Only for a database that can be made anew from other data. */
export async function removeDatabase(file: string): Promise<void> {
  for (const suffix of ['', ...suffixesBeside]) await rm(`${file}${suffix}`, { force: true })
}
