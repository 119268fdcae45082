import {
  type ComposeMount,
  dataMount,
  imageDataDir,
  imageFolder,
  type Variables,
} from '../domain/doctor/compose-file.ts'
import type { Container } from '../domain/environment/environment.ts'
import { absolute } from '../lib/absolute.ts'
import type { GatherUses } from './gather-uses.ts'
import type { DoctorSettings } from './observations.ts'

/** The backend's container, if Compose made it from this folder. */
export async function lookAtBackend(
  { engine, folder }: GatherUses,
  settings: DoctorSettings,
): Promise<{ container: Container | null; mount: string | null; declared: string | null; elsewhere: string | null }> {
  const container = await engine.inspect(settings.backendName)
  const home = container?.labels['com.docker.compose.project.working_dir']
  if (container === null || (home !== undefined && absolute('/', home) !== absolute('/', folder))) {
    return { container: null, mount: null, declared: null, elsewhere: container === null ? null : (home ?? null) }
  }
  const target = targetOf(settings)
  const declared = (await engine.variable(container.containerId, 'HOST_DATA_PATH')) || null
  return {
    declared,
    container,
    mount: container.mounts.find((mount) => mount.target === target)?.source ?? null,
    elsewhere: null,
  }
}

/** The data root inside the container that Compose makes: production.env applies there too. */
function targetOf({ fromFile }: DoctorSettings): string {
  return fromFile.DATA_DIR ? absolute(imageFolder, fromFile.DATA_DIR) : imageDataDir
}

/** The mounts that Compose would make, with and without `--env-file`; null if there is no compose file. */
export async function lookAtCompose(
  { site, folder, home, parseYaml }: GatherUses,
  settings: DoctorSettings,
): Promise<{ path: string; withEnvFile: ComposeMount; without: ComposeMount } | null> {
  const path = `${folder}/docker-compose.production.yml`
  const text = await site.text(path)
  if (text === null) return null
  const document = parseYaml(text)
  const read = (env: Variables) =>
    dataMount(document, { target: targetOf(settings), folder, home, env: { ...env, ...settings.fromProcess } })
  return { path, withEnvFile: read(settings.fromFile), without: read(settings.fromDotEnv) }
}
