/** The assembly of `ailab uninstall`. */
import type { OpenUninstall } from '../commands/uninstall.ts'
import { createUninstall } from '../consistency/uninstall.ts'
import { takeLock } from '../database/data-root-lock.ts'
import { exists, lookAtRoot } from '../disk/look-at-root.ts'
import { readText } from '../disk/read-text.ts'
import { createDockerEngine } from '../docker/docker-engine.ts'
import { loadConfig } from '../settings/config.ts'

const inUse =
  'A service works on this data root. End it first: Ctrl-C where npm start runs, or docker-compose --env-file production.env -f docker-compose.production.yml down. Nothing was changed.'

/** Holds the lock of the data root until it is disposed. @throws Error with a sentence for the administrator */
export const openUninstall: OpenUninstall = async (folder) => {
  using stack = new DisposableStack()
  const { dataDir, hostDataPath, engine: endpoint } = loadConfig(folder)
  const { path, markers } = await lookAtRoot(dataDir)
  const rootId = markers['']
  if (rootId === null) throw new Error(notThere(path))
  const lock = `${path}/admin/backend.lock`
  if (await exists(lock)) stack.use(takeLock(lock, inUse)) // without it no service ever ran here
  const engine = stack.use(createDockerEngine({ ...endpoint, readText, lookThroughProcess: async () => null }))
  const rest = stack.move()
  return {
    ...createUninstall({ engine, dataRoot: { path, rootId }, hostDataPath }),
    [Symbol.dispose]: () => rest.dispose(),
  }
}

function notThere(path: string): string {
  return `${path} is no data root: there is no marker .ai-lab-root in it. Is its disk mounted? If it is gone for good, \`bin/ailab forget-root\` removes what the engine remembers of it.`
}
