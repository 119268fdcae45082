import { type Check, notChecked, ok, problem, warning } from '../../domain/doctor/check.ts'
import { below, type MarkedFolder, markedFolders, markerPath } from '../../domain/names.ts'
import { shellQuote } from '../../lib/shell-quote.ts'
import type { RootLook } from '../../ports/site.ts'
import { onHost } from '../commands.ts'
import type { Observations } from '../observations.ts'

/** Is the data root there, and do all its parts have a marker with the same id? */
export function checkDataRoot(seen: Observations): Check[] {
  const { root, standpoint } = seen
  if (root.kind === 'unseen') {
    const cannot = root.hangs ? problem : notChecked
    return [
      cannot('data-root', {
        summary: root.hangs ? 'Its file system does not answer.' : 'It cannot be looked at.',
        detail: `The data root ${standpoint.dataDir} could not be looked at: ${root.reason}.`,
        remedy: root.hangs
          ? 'See to the disk or the file server that holds it. Nothing is started on it meanwhile.'
          : 'Run the doctor as root.',
      }),
    ]
  }
  const { value } = root
  if (value === null || !isRoot(value)) return [noRoot(seen)]
  const faults = markedFolders.flatMap((folder) => markerFault(seen, value, folder) ?? [])
  if (lacksDatabase(seen, value)) faults.push(noDatabase(value))
  else faults.push(...databaseFaults(seen))
  if (faults.length > 0) return faults
  return [ok('data-root', `${standpoint.dataDir}, root ${rootIdOf(value)}.`)]
}

/** A user who may not look into `admin/` cannot know. */
function lacksDatabase({ standpoint }: Observations, { admin, database }: RootLook): boolean {
  const { uid } = standpoint.self
  return database === null && (admin === null || uid === 0 || uid === admin.uid)
}

function noDatabase({ path }: RootLook): Check {
  return problem('data-root', {
    summary: 'Its database is missing.',
    detail: `${path} is a data root, but it has no database ${path}/admin/ai-lab.db: the service does not start on it.`,
    remedy:
      'Is every disk mounted? If so, move every ai-lab.db-… that is left in admin/ elsewhere, and restore the database from a backup. Or make one from the labels of the containers: ailab rebuild',
  })
}

/** Of the database that is there. */
function databaseFaults({ database }: Observations): Check[] {
  if (database.kind === 'unseen') {
    return [notChecked('data-root', `Its database could not be looked at: ${database.reason}.`)]
  }
  if (database.value === null) return []
  return [
    problem('data-root', {
      summary: 'Its database cannot be used: the service does not start.',
      detail: database.value,
    }),
  ]
}

/** Whether a folder has a marker at all: then it is a data root, or a part of one. */
export function isRoot({ markers }: RootLook): boolean {
  return markedFolders.some((folder) => markers[folder] !== null)
}

/** Whether the root has all its markers, with one id. */
export function isWhole({ root }: { root: Observations['root'] }): boolean {
  if (root.kind === 'unseen' || root.value === null) return false
  return rootIdOf(root.value) !== null
}

/** The id of a complete root; null otherwise. */
export function rootIdOf(root: RootLook): string | null {
  const [id = null, ...others] = markedFolders.map((folder) => root.markers[folder]?.rootId ?? null)
  return others.every((other) => other === id) ? id : null
}

/** The service's own decision: begin a new root in this folder, or wait because there was one? */
function noRoot({ lookedAt, standpoint, noRoot: decided }: Observations): Check {
  const detail = `There is no marker .ai-lab-root, and so no data root, in ${lookedAt.join(' nor in ')}. Nothing was made there.`
  const command = `findmnt -T ${shellQuote(standpoint.dataDir)}`
  if (decided.kind === 'seen' && decided.value === null) {
    return warning('data-root', {
      summary: 'There is no data root yet.',
      detail: `${detail} The engine knows of none at this path.`,
      remedy:
        'If this is a new installation, the first start makes it. Otherwise its disk is not mounted, or its path is wrong.',
      command,
    })
  }
  const known = decided.kind === 'seen' ? decided.value : null
  return problem('data-root', {
    summary: 'The data root is not there.',
    detail: known ? `${detail} ${known.detail}` : `${detail} The engine, which may know of one, cannot be asked.`,
    remedy: known?.remedy ?? 'Is the disk mounted, and the path right? See to the engine, and run the doctor again.',
    command,
  })
}

/** Copies a marker that is left, with its owner: all three hold the same id. */
function copyCommand(seen: Observations, root: RootLook, file: string): string | null {
  const whole = markedFolders.find((folder) => root.markers[folder]?.rootId)
  if (whole === undefined) return null
  const [from, to] = [below(root.path, markerPath(whole)), file].map((path) => shellQuote(onHost(seen, path)))
  return `cp -p ${from} ${to}`
}

function markerFault(seen: Observations, root: RootLook, folder: MarkedFolder): Check | null {
  const marker = root.markers[folder]
  const file = below(root.path, markerPath(folder))
  const id = root.markers['']?.rootId ?? root.markers.shared?.rootId ?? root.markers.users?.rootId
  if (marker?.rootId && marker.rootId === id) return null
  if (!marker) {
    return problem('data-root', {
      summary: `The marker of ${folder || 'the root'} is missing.`,
      detail: `${file} is missing, though other folders of root ${id} have theirs.`,
      remedy: `Is ${below(root.path, folder)} a disk of its own that is not mounted? Mount it. Only if nothing is to be mounted there, and somebody deleted the marker, put it back:`,
      command: copyCommand(seen, root, file),
    })
  }
  if (marker.look.kind !== 'file') {
    return problem('data-root', {
      summary: `The marker of ${folder || 'the root'} is no file.`,
      detail: `${file} is ${marker.look.kind === 'link' ? 'a link' : 'no regular file'}. Somebody put it there in place of the marker.`,
      remedy: 'Remove it, and put the marker back from a backup.',
    })
  }
  if (!marker.rootId) {
    return problem('data-root', {
      summary: `The marker of ${folder || 'the root'} holds no id.`,
      detail: `${file} does not hold the id of a data root, or may not be read.`,
      remedy: 'Put it back from a backup.',
    })
  }
  return problem('data-root', {
    summary: `${folder} is of another data root.`,
    detail: `${file} names root ${marker.rootId}; the data root ${root.path} is root ${id}.`,
    remedy: `Another disk is mounted at ${below(root.path, folder)}, or a folder was copied there. Put the right one back.`,
  })
}
