import { imageDataDir } from '../domain/doctor/compose-file.ts'
import { notebookUser, type Owner } from '../domain/people/notebook-user.ts'
import type { RootLook } from '../ports/site.ts'
import type { DoctorSettings, Standpoint } from './observations.ts'

/** Compose runs the image as this user. */
const imageUser: Owner = { uid: 1000, gid: 100 }

export type Candidate = { dataDir: string; saidBy: string; deployment: Standpoint['deployment'] }

/** In a container, or on the host? Where the engine cannot tell, the image's own variable does. */
export function placeOf(ownMount: string | null, settings: DoctorSettings): Standpoint['place'] {
  return ownMount !== null || settings.fromProcess.DATA_DIR === imageDataDir ? 'container' : 'host'
}

/**
 * Which folder may be the backend's data root, the likeliest first. A container of the backend's that is there decides;
 * else it is DATA_DIR (`npm start`), or, where that is no data root, what Compose would mount.
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
    return [{ dataDir: backend.mount, saidBy: 'the mount of the container ai-lab-backend', deployment: 'compose' }]
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

/** The standpoint that follows from a candidate and from what was seen of its folder. */
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

/** A service of this host made its own database and its own folder, so whoever has them is the service. */
function serviceOf(root: RootLook | null, self: Owner): Owner {
  const made = root?.database ?? (root?.markers[''] ? root.admin : null)
  return made ? { uid: made.uid, gid: made.gid } : self
}
