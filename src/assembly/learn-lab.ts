import type { LabSettings } from '../domain/environment/container-spec.ts'
import type { DataRoot } from '../ports/data-root.ts'
import type { Engine } from '../ports/engine.ts'
import type { Config } from '../settings/config.ts'

/** A value that the service asks for until it knows it, and then never again. */
type OnceKnown<T> = { get: () => Promise<T>; known: () => T | null }

/** The settings that all environments share: some come from the configuration, the rest from the engine. */
export function learnLab(
  config: Config,
  engine: Engine,
  { path, rootId }: Pick<DataRoot, 'path' | 'rootId'>,
): {
  lab: () => Promise<LabSettings>
  /** The data root's path on the engine's host. */
  hostDataPath: OnceKnown<string>
  /** The path that the engine mounted into this process's own container as the data root; null if it runs in none. */
  ownSource: OnceKnown<string | null>
} {
  const ownSource = onceKnown(() => engine.ownMountSource(path))
  const hostDataPath = onceKnown(async () => config.hostDataPath ?? (await ownSource.get()) ?? path)
  const cpus = onceKnown(() => engine.cpus())
  const lab = async (): Promise<LabSettings> => ({
    rootId,
    hostDataPath: await hostDataPath.get(),
    cpus: await cpus.get(),
    sharedMode: config.sharedMode,
    notebookUid: config.notebook.uid,
    notebookGid: config.notebook.gid,
  })
  return { lab, hostDataPath, ownSource }
}

function onceKnown<T>(ask: () => Promise<T>): OnceKnown<T> {
  let known: { value: T } | null = null
  return {
    known: () => known?.value ?? null,
    async get() {
      known ??= { value: await ask() }
      return known.value
    },
  }
}
