import { stat, statfs } from 'node:fs/promises'
import { emptySurvey, inOrder } from '../domain/migration/migration.ts'
import { below } from '../domain/names.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { MigrationDisk } from '../ports/migration-disk.ts'
import { carryFolder, makeDurable } from './carry-folder.ts'
import { ensureFolder, isCode, ownerOfFolder } from './files.ts'
import { legacyContents } from './legacy-contents.ts'
import { openRoots } from './legacy-root.ts'
import { openBelow, openIfThere, openOrMake } from './open-below.ts'
import { surveyFolder } from './survey-folder.ts'
import { writeWhole } from './write-whole.ts'

/**
 * Opens the two roots of a migration.
 * @throws Error with a sentence if they cannot be merged
 */
export async function openMigrationDisk(options: {
  from: string
  dataDir: string
  notebook: Owner
  keepsOwners: boolean
}): Promise<MigrationDisk> {
  const { notebook, keepsOwners } = options
  const { from, to, given } = await openRoots(options.from, options.dataDir)
  const root = await stat(to, { bigint: true })

  return {
    from,
    to,
    legacyPaths: [from, given],
    keepsOwners,
    contents: () => legacyContents(from),

    async survey(haul, onSeen) {
      const survey = emptySurvey(haul)
      const looking = { survey, root, onSeen, notebookUid: haul.user && keepsOwners ? notebook.uid : null }
      const at = { name: '', as: '', path: '', depth: 0 }
      try {
        await using source = await openBelow(from, haul.from)
        await using target = await openIfThere(to, haul.to)
        survey.branch = await surveyFolder({ ...at, source, target }, looking)
      } catch (error) {
        survey.failed.push({ path: '', reason: reasonOf(error) })
      }
      return inOrder(survey)
    },

    async room(haul) {
      const folder = below(to, haul.to[0] ?? '')
      const [{ dev }, room] = await Promise.all([stat(folder), statfs(folder)])
      const freeInodes = room.files === 0 ? null : room.ffree
      return { device: String(dev), freeBytes: room.bavail * room.bsize, freeInodes }
    },

    async carry({ branch, haul, failed }, onCarried) {
      const left = [...failed]
      if (!branch) return left
      try {
        await using source = await openBelow(from, haul.from)
        await using target = await openOrMake(to, haul, haul.user && keepsOwners ? notebook : null)
        await carryFolder(branch, { source, target, path: '' }, { failed: left, keepOwners: keepsOwners, onCarried })
      } catch (error) {
        throw inWords(error, to)
      }
      return left
    },

    async settle() {
      for (const name of ['shared', 'users', 'admin']) {
        await using folder = await openBelow(to, [name])
        await makeDurable(folder)
      }
    },

    async writeReport(name, text) {
      const folder = `${to}/admin/migrations`
      const owner = keepsOwners ? await ownerOfFolder(`${to}/admin`, to) : null
      await ensureFolder(folder, { mode: 0o700, owner })
      await writeWhole(`${folder}/${name}`, text, 0o600, owner)
      return `${folder}/${name}`
    },
  }
}

function inWords(error: unknown, root: string): Error {
  const again = 'Nothing is half-written. Then run the same command again: it goes on where it was.'
  if (isCode(error, 'ENOSPC')) return new Error(`The disk of ${root} is full. Make room. ${again}`, { cause: error })
  if (isCode(error, 'EDQUOT')) return new Error(`The quota of ${root} is used up. Raise it. ${again}`, { cause: error })
  if (isCode(error, 'EROFS')) return new Error(`The disk of ${root} is read-only. ${again}`, { cause: error })
  return error instanceof Error ? error : new Error(String(error))
}
