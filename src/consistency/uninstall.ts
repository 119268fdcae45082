import type { Container } from '../domain/environment/environment.ts'
import { labels, probeName } from '../domain/names.ts'
import type { Engine } from '../ports/engine.ts'

/** The things that the engine has of one data root. */
export type Remains = {
  hostPath: string
  rootId: string
  /** The environments' containers on this data root. */
  containers: readonly Container[]
  /** Containers with the id of this root on another folder: those of a copy of it, or from before it was moved. */
  elsewhere: readonly Container[]
}

export type Removed = { network: 'removed' | 'in use' }

export type Uninstall = {
  remains(): Promise<Remains>
  /** Removes all of it from the engine, with the probe and the witness of the root. It never touches a file. */
  remove(remains: Remains): Promise<Removed>
}

/** Removes from the engine what the service made there for one data root. */
export function createUninstall(deps: {
  engine: Engine
  dataRoot: { path: string; rootId: string }
  hostDataPath: string | null
}): Uninstall {
  const { engine, dataRoot, hostDataPath } = deps
  const { path, rootId } = dataRoot

  return {
    async remains() {
      const hostPath = hostDataPath ?? (await engine.ownMountSource(path)) ?? path
      const all = (await engine.list()).filter((each) => each.labels[labels.root] === rootId)
      const { here = [], elsewhere = [] } = Object.groupBy(all, (each) => (isOn(each, hostPath) ? 'here' : 'elsewhere'))
      return { hostPath, rootId, containers: here, elsewhere }
    },

    async remove({ hostPath, containers }) {
      for (const { containerId } of containers) await engine.remove(containerId)
      await engine.remove(probeName(rootId, hostPath))
      const witnesses = await engine.witnesses()
      for (const witness of witnesses)
        if (witness.rootId === rootId && witness.hostPath === hostPath) await engine.forgetWitness(witness.name)
      // A stopped container of another root does not keep the network, but needs it.
      const isUsed = (await engine.list()).length > 0
      return { network: !isUsed && (await engine.removeNetwork()) ? 'removed' : 'in use' }
    },
  }
}

function isOn({ mounts }: Container, hostPath: string): boolean {
  return mounts.every(({ source }) => `${source}/`.startsWith(`${hostPath}/`))
}
