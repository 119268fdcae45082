/** The assembly of `ailab forget-root`. */
import type { OpenForgetRoot } from '../commands/forget-root.ts'
import { createForgetRoot } from '../consistency/forget-root.ts'
import { lookAtRoot } from '../disk/look-at-root.ts'
import { readText } from '../disk/read-text.ts'
import { createDockerEngine } from '../docker/docker-engine.ts'
import { loadConfig } from '../settings/config.ts'

/** @throws Error with a sentence for the administrator */
export const assembleForgetRoot: OpenForgetRoot = async (folder) => {
  const { dataDir, hostDataPath, engine: endpoint } = loadConfig(folder)
  const engine = createDockerEngine({
    ...endpoint,
    readText, // in a container, only the engine tells which folder of the host it is about
    lookThroughProcess: async () => null,
  })
  return {
    ...createForgetRoot({ look: () => lookAtRoot(dataDir), engine, hostDataPath }),
    [Symbol.dispose]: () => engine[Symbol.dispose](),
  }
}
