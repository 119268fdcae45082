import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readFile, realpath, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setSetting } from '../domain/doctor/settings-file.ts'
import { utf8Of } from '../lib/printable.ts'
import { isCode, sync } from './files.ts'

type Parse = (bytes: Buffer) => Record<string, string>
type Values = Readonly<Record<string, string>>
type FileAccess = { mode: number; uid: number; gid: number }

const mostBackups = 1000

/**
 * Changes settings in a file and keeps every other byte, its mode and its owner. It first copies the old file beside it.
 * If the path is a link, it changes the file behind it. Values are as `writtenValue` gives them.
 *
 * @returns the path of the backup
 * @throws Error with a sentence if it cannot make the change; the file is then as it was
 */
export async function changeSettings(link: string, values: Values, parse: Parse): Promise<string> {
  const file = await realpath(link)
  try {
    const { bytes, access } = await readWhole(file)
    const changed = change(bytes, values)
    expectOnly(parse(bytes), parse(changed), values)
    const backup = await writeBackup(file, bytes, access)
    await replace(file, changed, access)
    return backup
  } catch (error) {
    throw explained(error, file)
  }
}

/** Makes a file of settings from an example, if there is none. */
export async function makeSettings(file: string, example: string, values: Values, parse: Parse): Promise<void> {
  try {
    const bytes = await readFile(example)
    const changed = change(bytes, values)
    expectOnly(parse(bytes), parse(changed), values)
    await using handle = await open(file, 'wx', 0o600)
    await handle.writeFile(changed)
    await handle.sync()
  } catch (error) {
    throw explained(error, file)
  }
  await sync(dirname(file))
}

/** Reads each byte as a character of its own, so that bytes that are no UTF-8 stay as they are. */
function change(bytes: Buffer, values: Values): Buffer {
  const text = utf8Of(bytes)
  const encoding = text === null ? 'latin1' : 'utf8'
  const changed = Object.entries(values).reduce(
    (all, [name, value]) => setSetting(all, name, Buffer.from(value, 'utf8').toString(encoding)),
    text ?? bytes.toString('latin1'),
  )
  return Buffer.from(changed, encoding)
}

/** Before anything is written, asks the service's own reader whether the new text sets the intended values. */
function expectOnly(before: Record<string, string>, after: Record<string, string>, values: Values): void {
  const wanted = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value.replace(/^'(.*)'$/, '$1')]),
  )
  const expected = { ...before, ...wanted }
  const names = new Set([...Object.keys(expected), ...Object.keys(after)])
  if ([...names].every((name) => expected[name] === after[name])) return
  throw new Error(
    `it is written in a way that this tool does not change safely. Set ${Object.keys(values).join(' and ')} by hand`,
  )
}

async function readWhole(file: string): Promise<{ bytes: Buffer; access: FileAccess }> {
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  const found = await handle.stat()
  if (!found.isFile()) throw new Error('it is not a file')
  return { bytes: await handle.readFile(), access: { mode: found.mode & 0o7777, uid: found.uid, gid: found.gid } }
}

/** `.backup`, else the first free name of `.backup.1`, `.backup.2`, …; never overwrites one. */
async function writeBackup(file: string, bytes: Buffer, access: FileAccess): Promise<string> {
  for (let number = 0; number < mostBackups; number += 1) {
    const backup = `${file}.backup${number === 0 ? '' : `.${number}`}`
    try {
      await writeNew(backup, bytes, access)
      await sync(dirname(file))
      return backup
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
    }
  }
  throw new Error(`there are ${mostBackups} backups of it already`)
}

async function replace(file: string, bytes: Buffer, access: FileAccess): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  await writeNew(draft, bytes, access)
  try {
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await sync(dirname(file))
}

/** Keeps the file closed to others until it has its owner: settings may be secrets. */
async function writeNew(file: string, bytes: Buffer, access: FileAccess): Promise<void> {
  await using handle = await open(file, 'wx', 0o600)
  try {
    await giveAccess(handle, access)
    await handle.writeFile(bytes)
    await handle.sync()
  } catch (error) {
    await rm(file, { force: true })
    throw error
  }
}

async function giveAccess(handle: FileHandle, { mode, uid, gid }: FileAccess): Promise<void> {
  const made = await handle.stat()
  if (made.uid !== uid || made.gid !== gid) await handle.chown(uid, gid)
  await handle.chmod(mode)
}

function explained(error: unknown, file: string): Error {
  const reason = isCode(error, 'EACCES', 'EPERM', 'EROFS')
    ? `this user (uid ${process.getuid?.()}) may not write there; run it as the owner of the file, or as root`
    : error instanceof Error
      ? error.message
      : String(error)
  return new Error(`${file} was not changed: ${reason}.`, { cause: error })
}
