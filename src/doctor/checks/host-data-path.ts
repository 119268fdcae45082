import { type Check, notChecked, ok, problem } from '../../domain/doctor/check.ts'
import type { Fix } from '../../domain/doctor/fix.ts'
import { writtenValue } from '../../domain/doctor/settings-file.ts'
import { seenOf } from '../attempt.ts'
import type { DoctorSettings, Observations } from '../observations.ts'
import { isRoot, isWhole } from './data-root.ts'
import { isProven } from './proof.ts'

/** Does HOST_DATA_PATH name the backend's own data root? If not, backend and environments see different files. */
export function checkHostDataPath(seen: Observations): Check[] {
  const { settings, standpoint, ownMount, root, otherRoot } = seen
  const { hostDataPath } = settings
  if (hostDataPath === null && givenIn(settings)) {
    return [notChecked('host-data-path', 'It cannot be used as it is written: see the settings.')]
  }
  if (hostDataPath === null && !isWhole(seen)) {
    return [notChecked('host-data-path', 'It is left out, and there is no data root that could be found by itself.')]
  }
  if (hostDataPath === null) {
    return [ok('host-data-path', `Left out; found by itself: ${standpoint.hostPath}.`)]
  }
  if (standpoint.place === 'container') {
    if (ownMount === null) return [notChecked('host-data-path', 'The engine does not tell what this container mounts.')]
    if (ownMount === hostDataPath) return [ok('host-data-path', `${hostDataPath}, which this container mounts.`)]
    // Through a link, two paths may be one folder. Only the proof can show that; without it they count as two.
    if (seen.proof.kind === 'seen' && isProven(seen.proof.value)) {
      return [ok('host-data-path', `${hostDataPath}, the same files as ${ownMount}.`)]
    }
    return [another(seen, ownMount)]
  }
  if (!settings.dockerHost.startsWith('unix:')) {
    return [notChecked('host-data-path', 'The engine is on another machine; the proof tells.')]
  }
  const found = seenOf(root)
  if (found === null || !isRoot(found))
    return [notChecked('host-data-path', 'There is no data root to compare it with.')]
  const theirs = seen.identities.get(hostDataPath) ?? null
  if (theirs !== null && theirs === (seen.identities.get(standpoint.dataDir) ?? null)) {
    return [ok('host-data-path', `${hostDataPath}, the data root.`)]
  }
  if (otherRoot.kind === 'unseen') {
    const tell = otherRoot.hangs ? problem : notChecked
    return [
      tell('host-data-path', {
        summary: otherRoot.hangs
          ? 'The folder that it names does not answer.'
          : 'The folder that it names cannot be looked at.',
        detail: `HOST_DATA_PATH names ${hostDataPath}, which could not be looked at: ${otherRoot.reason}.`,
        remedy: otherRoot.hangs ? 'See to the disk or the file server that holds it.' : 'Run the doctor as root.',
      }),
    ]
  }
  return [another(seen, standpoint.dataDir)]
}

function another(seen: Observations, ours: string): Check {
  const { settings, standpoint } = seen
  const named = settings.hostDataPath ?? ''
  const there = standpoint.place === 'container' ? 'another folder' : describe(seen, named)
  return problem('host-data-path', {
    summary:
      there === 'nothing' ? 'It names a folder that does not exist.' : "It names another folder than the backend's.",
    detail: `The backend's data root is ${ours} (${standpoint.saidBy}); HOST_DATA_PATH names ${named}, where there is ${there}. Environments would not see the backend's files.`,
    remedy:
      `${whereToSet(settings, ours)}, if that is where the data is, and start the backend again. ` +
      `If ${named} is right, move the backend there instead.`,
    fixes: settingFix(seen, ours),
  })
}

function givenIn({ fromProcess, fromFile, fromDotEnv }: DoctorSettings): boolean {
  return Boolean(fromProcess.HOST_DATA_PATH || fromFile.HOST_DATA_PATH || fromDotEnv.HOST_DATA_PATH)
}

function whereToSet({ fromProcess, file }: DoctorSettings, value: string): string {
  const set = `Set HOST_DATA_PATH=${value} in ${file.path}`
  if (!fromProcess.HOST_DATA_PATH) return set
  return `Take HOST_DATA_PATH out of the environment of this shell (unset HOST_DATA_PATH): it goes before the file. ${set}`
}

function describe({ otherRoot, identities }: Observations, named: string): string {
  if ((identities.get(named) ?? null) === null) return 'nothing'
  const id = seenOf(otherRoot)?.markers['']?.rootId
  return id ? `root ${id}` : 'a folder with no marker of a data root'
}

/**
 * The value is certain only if the backend's root is complete, the doctor saw it through the engine, and HOST_DATA_PATH
 * names nothing that could be a data root: otherwise somebody may just be moving the data.
 */
export function settingFix(seen: Observations, to: string): Fix[] {
  const { settings, standpoint, otherRoot, candidateProven } = seen
  const { file } = settings
  const fromFile = settings.fromFile.HOST_DATA_PATH || null
  const couldBeRoot = settings.hostDataPath !== null && !hasNoMarkers(otherRoot)
  const isElsewhere = Boolean(settings.fromProcess.HOST_DATA_PATH)
  const written = writtenValue(to)
  if (standpoint.place !== 'host' || !file.bytes || !written || isElsewhere || couldBeRoot) return []
  if (!isWhole(seen) || !candidateProven) return []
  return [{ kind: 'set-setting', file: file.path, name: 'HOST_DATA_PATH', from: fromFile, to: written }]
}

function hasNoMarkers(root: Observations['otherRoot']): boolean {
  return root.kind === 'seen' && (root.value === null || Object.values(root.value.markers).every((marker) => !marker))
}
