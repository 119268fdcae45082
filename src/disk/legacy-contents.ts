import type { Left } from '../domain/migration/migration.ts'
import { markerFile } from '../domain/names.ts'
import { type Octets, shown } from '../lib/octets.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { LegacyContents } from '../ports/migration-disk.ts'
import { isCode } from './files.ts'
import { Folder } from './folder.ts'

const trackingFile = 'resource_tracking.json'
const known = ['shared', 'users', 'admin', trackingFile, markerFile]

// That platform wrote files of some kilobytes; a much larger file is not its own.
const mostTrackingBytes = 64 * 2 ** 20

/** The top of a legacy root, in the layout of the earlier platform; any part may be missing. */
export async function legacyContents(path: string): Promise<LegacyContents> {
  await using root = await Folder.open(path)
  await using users = await folderIn(root, 'users')
  await using admin = await folderIn(root, 'admin')
  await using shared = await folderIn(root, 'shared')
  await using backups = admin && (await folderIn(admin, 'backups'))
  const people = users ? await entriesOf(users, [markerFile]) : []
  return {
    hasShared: shared !== null,
    hasBackups: backups !== null,
    userFolders: people.filter(({ isFolder }) => isFolder).map(({ name }) => name),
    tracking: await trackingIn(root).catch((error: unknown) => {
      throw new Error(`${path}/${trackingFile} cannot be read: ${reasonOf(error)}.`, { cause: error })
    }),
    strange: [
      ...(await entriesOf(root, known)).filter(({ name }) => name !== 'lost+found').map(leftAt('')),
      ...people.filter(({ isFolder }) => !isFolder).map(leftAt('users/')),
    ],
    platforms: admin ? (await entriesOf(admin, ['backups'])).map(({ name }) => shown(`admin/${name}`)) : [],
  }
}

/** A folder that may be a link: here only an administrator can have made one. Null if there is none. */
async function folderIn(parent: Folder, name: Octets): Promise<Folder | null> {
  try {
    return await parent.linkedFolder(name)
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}

type Found = { name: Octets; isFolder: boolean; what: string }

async function entriesOf(folder: Folder, except: readonly Octets[]): Promise<Found[]> {
  const found: Found[] = []
  for (const name of (await folder.names()).sort()) {
    const stats = except.includes(name) ? null : await folder.look(name)
    if (!stats) continue
    const what = stats.isDirectory() ? 'a folder' : stats.isSymbolicLink() ? 'a link' : 'a file'
    found.push({ name, isFolder: stats.isDirectory(), what })
  }
  return found
}

function leftAt(above: string): (found: Found) => Left {
  return ({ name, what }) => ({ path: shown(above + name), reason: `${what} at no place that the platform knows` })
}

async function trackingIn(root: Folder): Promise<string | null> {
  if ((await root.look(trackingFile)) === null) return null
  await using file = await root.file(trackingFile)
  if (file.stats.size > mostTrackingBytes) throw new Error('it is too large to be what it seems')
  return await file.handle.readFile('utf8')
}
