import { type Check, notChecked, note, ok, problem, warning } from '../../domain/doctor/check.ts'
import { imageDataDir } from '../../domain/doctor/compose-file.ts'
import { upCommand } from '../commands.ts'
import type { Observations } from '../observations.ts'

/** If the backend has a container, does that mount the folders that the settings name today? */
export function checkBackendContainer(seen: Observations): Check[] {
  const { backend, settings, standpoint, identities } = seen
  const { backendName } = settings
  if (standpoint.place === 'container')
    return [ok('backend-container', `The doctor runs in it; it mounts ${seen.ownMount ?? 'an unknown folder'}.`)]
  if (backend.kind === 'unseen') return [notChecked('backend-container', 'The container engine cannot be asked.')]
  const { container, mount, declared, elsewhere } = backend.value
  if (elsewhere !== null) {
    return [note('backend-container', `The container ${backendName} is that of ${elsewhere}, not of this folder.`)]
  }
  if (container === null) return [note('backend-container', `There is no container ${backendName}.`)]
  if (mount === null) {
    return [
      problem('backend-container', {
        summary: 'It mounts no folder as its data root.',
        detail: `The container ${backendName} has no folder of this host as ${imageDataDir}: its data is in the container, and lost with it.`,
        remedy:
          'Copy the data out first (docker cp), then make the container anew with the compose file of this version.',
        command: upCommand(seen),
      }),
    ]
  }
  const named = settings.hostDataPath
  const id = identities.get(mount) ?? null
  if (named !== null && named !== mount && (id === null || id !== (identities.get(named) ?? null))) {
    return [
      problem('backend-container', {
        summary: 'It mounts another folder than HOST_DATA_PATH.',
        detail: `The container ${backendName} mounts ${mount}, HOST_DATA_PATH names ${named}. A container keeps the mounts that it was made with.`,
        remedy: `If ${named} is right, make the container anew. If ${mount} is right, put HOST_DATA_PATH back first.`,
        command: upCommand(seen),
      }),
    ]
  }
  const today = settings.fromFile.HOST_DATA_PATH || null
  if (declared !== today) {
    return [
      warning('backend-container', {
        summary: 'It was made with another HOST_DATA_PATH.',
        detail: `The container ${backendName} was made with HOST_DATA_PATH ${declared ?? 'left out'}, production.env says ${today ?? 'nothing of it'}. A container keeps the settings that it was made with.`,
        remedy: 'Make it anew:',
        command: upCommand(seen),
      }),
    ]
  }
  if (container.state === 'running') return [ok('backend-container', `It runs, and mounts ${mount}.`)]
  return [
    warning('backend-container', {
      summary: `It does not run (${container.state}).`,
      detail: `The container ${backendName} is there, but ${container.state}. It mounts ${mount}.`,
      remedy: `Its last words: docker logs --tail 20 ${backendName}. Start it:`,
      command: upCommand(seen),
    }),
  ]
}
