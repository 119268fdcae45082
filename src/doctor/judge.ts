import { type Check, type CheckId, titles } from '../domain/doctor/check.ts'
import { typedByHand } from '../lib/typed-by-hand.ts'
import { checkBackendContainer } from './checks/backend-container.ts'
import { checkBackups } from './checks/backups.ts'
import { checkComposeMount } from './checks/compose-mount.ts'
import { checkDataRoot } from './checks/data-root.ts'
import { checkEngine, checkEngineSocket } from './checks/engine.ts'
import { checkFreeSpace } from './checks/free-space.ts'
import { checkHostDataPath } from './checks/host-data-path.ts'
import { checkImages } from './checks/images.ts'
import { checkLegacy } from './checks/legacy.ts'
import { checkNetwork } from './checks/network.ts'
import { checkOwners } from './checks/owners.ts'
import { checkProof } from './checks/proof.ts'
import { checkService } from './checks/service.ts'
import { checkSettings } from './checks/settings.ts'
import { checkStorage } from './checks/storage.ts'
import { checkUserFolders } from './checks/user-folders.ts'
import type { Observations } from './observations.ts'

/** One pure function for each check. It gives at least one result, and one for each thing that is wrong. */
const checks: Record<CheckId, (seen: Observations) => Check[]> = {
  settings: checkSettings,
  'data-root': checkDataRoot,
  'host-data-path': checkHostDataPath,
  proof: checkProof,
  'compose-mount': checkComposeMount,
  'backend-container': checkBackendContainer,
  owners: checkOwners,
  'user-folders': checkUserFolders,
  'free-space': checkFreeSpace,
  storage: checkStorage,
  backups: checkBackups,
  engine: checkEngine,
  'engine-socket': checkEngineSocket,
  images: checkImages,
  network: checkNetwork,
  legacy: checkLegacy,
  service: checkService,
}

/** The results of all checks, in the order of `titles`. */
export function judge(seen: Observations): Check[] {
  const found = (Object.keys(titles) as CheckId[]).flatMap((id) => checks[id](seen))
  return seen.standpoint.place === 'container' ? found : found.map(typed)
}

/** On the host `ailab` is not on the PATH. */
function typed(check: Check): Check {
  return {
    ...check,
    detail: typedByHand(check.detail),
    remedy: check.remedy && typedByHand(check.remedy),
    command: check.command && typedByHand(check.command),
  }
}
