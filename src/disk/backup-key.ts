import { readFile } from 'node:fs/promises'
import type { Owner } from '../domain/people/notebook-user.ts'
import { Problem } from '../domain/problem.ts'
import { randomSecret } from '../lib/random.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { sha256 } from '../lib/sha256.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { isCode } from './files.ts'
import { writeWhole } from './write-whole.ts'

const shortestKey = 20

/**
 * The key of the backups, from its file. The first call for a data root makes one. `mark`: a file in the data root that remembers by
 * a hash which key it is, so that a lost key is never taken for a first start.
 *
 * @throws Problem backups-off, with what to do
 */
export async function keepBackupKey(
  { file, mark, dataRoot }: { file: string; mark: string; dataRoot: string },
  owner: Owner | null,
): Promise<string> {
  if (`${file}/`.startsWith(`${dataRoot}/`)) {
    throw off(
      `The key of the backups is to be in ${file}, which is in the data root: it would be lost together with the data.`,
    )
  }
  const [key, known] = await Promise.all([textOf(file), textOf(mark)])
  if (key === null && known === null) return await makeKey({ file, mark }, owner)
  if (key === null) {
    throw off(
      `The key of the backups is not in ${file} any more. Put it back: without it nobody can read the backups. If it is lost for good, begin new ones: ${wayToNew(mark)}`,
    )
  }
  if (key.length < shortestKey) throw off(`The key of the backups in ${file} has less than ${shortestKey} characters.`)
  if (known === null) await writeWhole(mark, `${sha256(key)}\n`, 0o600, owner)
  else if (known !== sha256(key)) {
    throw off(
      `The key in ${file} is another one than the backups were made with. Put the right one back; or, to begin new backups with this one: ${wayToNew(mark)}`,
    )
  }
  return key
}

/** The state of the key's file. `file`: null if none is named. */
export async function keySight({
  file,
  mark,
}: {
  file: string | null
  mark: string
}): Promise<'there' | 'missing' | 'lost' | 'another' | 'unreadable'> {
  try {
    const [key, known] = await Promise.all([file === null ? null : textOf(file), textOf(mark)])
    if (key === null) return known === null ? 'missing' : 'lost'
    return known === null || known === sha256(key) ? 'there' : 'another'
  } catch {
    return 'unreadable'
  }
}

function wayToNew(mark: string): string {
  return `rm ${shellQuote(mark)}, and an empty BACKUP_REPOSITORY (docs/backups.md#a-lost-key).`
}

async function makeKey({ file, mark }: { file: string; mark: string }, owner: Owner | null): Promise<string> {
  const key = randomSecret()
  try {
    await writeWhole(file, `${key}\n`, 0o600, owner)
  } catch (error) {
    throw off(
      `Backups are not set up: no key can be written to ${file} (${reasonOf(error)}). Set BACKUP_KEY_FILE.`,
      error,
    )
  }
  await writeWhole(mark, `${sha256(key)}\n`, 0o600, owner)
  return key
}

async function textOf(file: string): Promise<string | null> {
  try {
    return (await readFile(file, 'utf8')).trim() || null
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw off(`The file ${file} cannot be read (${reasonOf(error)}).`, error)
  }
}

function off(adminDetail: string, cause?: unknown): Problem {
  return new Problem('backups-off', 'Backups are not set up. An administrator has to look.', { adminDetail, cause })
}
