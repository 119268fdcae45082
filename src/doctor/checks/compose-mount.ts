import { type Check, notChecked, note, ok, problem, warning } from '../../domain/doctor/check.ts'
import type { ComposeMount } from '../../domain/doctor/compose-file.ts'
import { upCommand } from '../commands.ts'
import type { Observations } from '../observations.ts'
import { settingFix } from './host-data-path.ts'

/** What would Compose mount as the backend's data root, started with and without `--env-file`? */
export function checkComposeMount(seen: Observations): Check[] {
  const { compose, standpoint, folder } = seen
  if (standpoint.place === 'container')
    return [notChecked('compose-mount', 'The compose file is on the host, not in this container.')]
  if (compose.kind === 'unseen') {
    return [
      problem('compose-mount', {
        summary: 'It cannot be read.',
        detail: `The compose file cannot be read: ${compose.reason}.`,
      }),
    ]
  }
  if (compose.value === null) return [notChecked('compose-mount', `There is no compose file in ${folder}.`)]
  const { path, withEnvFile, without } = compose.value
  return [checkMount(seen, path, withEnvFile), ...compareWithout(seen, withEnvFile, without)]
}

function checkMount(seen: Observations, path: string, mount: ComposeMount): Check {
  const { settings, standpoint } = seen
  switch (mount.kind) {
    case 'no-service':
      return problem('compose-mount', {
        summary: 'It has no service ai-lab-backend.',
        detail: `${path} has no service that is named ai-lab-backend.`,
        remedy: 'Take the file of this version of the platform.',
      })
    case 'none':
      return mountsNothing(seen, path)
    case 'volume':
      return problem('compose-mount', {
        summary: 'It mounts a volume, not a folder.',
        detail: `${path} mounts the volume "${mount.name}" as the backend's data root. Environments mount folders of the host, so they would not see it.`,
        remedy: 'Mount the folder of HOST_DATA_PATH (type: bind).',
      })
    case 'refused': {
      const tell = standpoint.deployment === 'compose' ? problem : note
      return tell('compose-mount', {
        summary: settings.file.bytes ? 'Compose would not start it.' : 'Compose needs a production.env first.',
        detail: `With these settings Compose refuses ${path}: ${mount.reason}.`,
        remedy: `Set it in ${settings.file.path}.`,
      })
    }
    case 'bind':
      return judgeBind(seen, path, mount.source)
    default:
      return mount satisfies never
  }
}

function mountsNothing({ settings, standpoint }: Observations, path: string): Check {
  const dataDir = settings.fromFile.DATA_DIR
  if (dataDir) {
    const tell = standpoint.deployment === 'compose' ? problem : note
    return tell('compose-mount', {
      summary: 'It mounts nothing at DATA_DIR.',
      detail: `In the container DATA_DIR=${dataDir} of ${settings.file.path} counts too, and ${path} mounts nothing there.`,
      remedy: `Before the backend is started with Compose, take DATA_DIR out of ${settings.file.path}: the image has its own.`,
    })
  }
  return problem('compose-mount', {
    summary: 'It mounts no data root.',
    detail: `${path} mounts nothing as the backend's data root: its data would be in the container, and lost with it.`,
    remedy: 'Take the file of this version of the platform, or mount the data root as /app/ai-lab-data.',
  })
}

function judgeBind(seen: Observations, path: string, source: string): Check {
  const { settings, standpoint } = seen
  const expected = settings.hostDataPath ?? standpoint.dataDir
  if (isSame(seen, source, expected)) return ok('compose-mount', `It mounts ${source}.`)
  if (settings.hostDataPath !== null) {
    return problem('compose-mount', {
      summary: 'It mounts another folder than HOST_DATA_PATH.',
      detail: `${path} mounts ${source} as the backend's data root, HOST_DATA_PATH names ${expected}: the backend would read and write other files than the environments.`,
      remedy: 'Have the compose file mount HOST_DATA_PATH, as the file of this version does.',
    })
  }
  const tell = standpoint.deployment === 'compose' ? problem : note
  return tell('compose-mount', {
    summary: 'It mounts another folder than the data root.',
    detail: `${path} mounts ${source} as long as HOST_DATA_PATH is not set; the backend's data root is ${expected} (${standpoint.saidBy}).`,
    remedy: `Before the backend is started with Compose, set HOST_DATA_PATH=${expected} in ${settings.file.path}.`,
    fixes: standpoint.deployment === 'compose' ? settingFix(seen, standpoint.dataDir) : [],
  })
}

function compareWithout(seen: Observations, withEnvFile: ComposeMount, without: ComposeMount): Check[] {
  if (withEnvFile.kind !== 'bind' || without.kind !== 'bind' || isSame(seen, withEnvFile.source, without.source))
    return []
  return [
    warning('compose-mount', {
      summary: 'It mounts another folder without --env-file.',
      detail: `With --env-file production.env Compose mounts ${withEnvFile.source}, without it ${without.source}.`,
      remedy: 'Always start it with --env-file:',
      command: upCommand(seen),
    }),
  ]
}

function isSame({ identities }: Observations, one: string, other: string): boolean {
  if (one === other) return true
  const id = identities.get(one) ?? null
  return id !== null && id === (identities.get(other) ?? null)
}
