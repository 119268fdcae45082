import { imageDataDir } from '../domain/doctor/compose-file.ts'
import { notebookUser, type Owner } from '../domain/people/notebook-user.ts'
import { absolute } from '../lib/absolute.ts'
import type { RootLook } from '../ports/site.ts'
import type { DoctorSettings, Standpoint } from './observations.ts'

/** Compose runs the image as this user. */
const imageUser: Owner = { uid: 1000, gid: 100 }

export type Candidate = { dataDir: string; saidBy: string; deployment: Standpoint['deployment'] }

/** Does the doctor run in a container, or on the host? If the engine cannot tell, the image's own variable does. */
export function placeOf(ownMount: string | null, settings: DoctorSettings): Standpoint['place'] {
  return ownMount !== null || settings.fromProcess.DATA_DIR === imageDataDir ? 'container' : 'host'
}

/**
 * The folders that may be the backend's data root, the likeliest first. If the backend has a container, that decides.
 * Otherwise it is DATA_DIR (`npm start`), or, if that is no data root, the folder that Compose would mount.
 */
export function candidates(
  place: Standpoint['place'],
  settings: DoctorSettings,
  backend: { container: unknown; mount: string | null } | null,
  composeSource: string | null,
): Candidate[] {
  const dataDir: Candidate = { dataDir: settings.dataDir, saidBy: 'DATA_DIR', deployment: 'process' }
  if (place === 'container') return [{ ...dataDir, deployment: 'compose' }]
  if (backend?.container && backend.mount !== null) {
    return [
      { dataDir: backend.mount, saidBy: `the mount of the container ${settings.backendName}`, deployment: 'compose' },
    ]
  }
  const { hostDataPath } = settings
  const mounted: Candidate[] = [
    ...(hostDataPath === null
      ? []
      : [{ dataDir: hostDataPath, saidBy: 'HOST_DATA_PATH', deployment: 'compose' as const }]),
    ...(composeSource === null
      ? []
      : [{ dataDir: composeSource, saidBy: 'the compose file', deployment: 'compose' as const }]),
  ]
  return [dataDir, ...mounted.filter((other) => other.dataDir !== settings.dataDir)]
}

/** The standpoint that follows from a candidate and from the look at its folder. */
export function standpointOf(
  { dataDir, saidBy, deployment }: Candidate,
  seen: {
    place: Standpoint['place']
    settings: DoctorSettings
    ownMount: string | null
    root: RootLook | null
    self: Owner
  },
): Standpoint {
  const { place, settings, ownMount, root, self } = seen
  const service = place === 'container' ? self : deployment === 'compose' ? imageUser : serviceOf(root, self)
  return {
    place,
    deployment,
    dataDir,
    saidBy,
    hostPath: settings.hostDataPath ?? ownMount ?? root?.path ?? dataDir,
    service,
    notebook: notebookUser(service, settings.notebookIds),
    self,
  }
}

/** A service on this host made its own database and its own folder, so it runs as their owner. */
function serviceOf(root: RootLook | null, self: Owner): Owner {
  const made = root?.database ?? (root?.markers[''] ? root.admin : null)
  return made ? { uid: made.uid, gid: made.gid } : self
}

/** The key's file, as the doctor sees it; null if Compose is told of none. */
export function keyFileOf(
  { folder, settings }: { folder: string; settings: DoctorSettings },
  { place, deployment }: Pick<Standpoint, 'place' | 'deployment'>,
): string | null {
  const { backupKeyFile, hostBackupKey } = settings
  if (place === 'container' || deployment === 'process') return backupKeyFile
  return hostBackupKey === null ? null : absolute(folder, hostBackupKey)
}
