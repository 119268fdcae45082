import { probeName } from '../domain/names.ts'
import { forgettingOf } from '../domain/proof/forgetting.ts'
import type { KnownRoot, RootSight } from '../domain/proof/opening.ts'
import type { Engine } from '../ports/engine.ts'
import { markerAt, recall } from './opening.ts'

export type ForgetRoot = {
  /**
   * The roots that the engine remembers at the path of the data root; empty if it remembers none.
   * @throws Error with a sentence if they may not be forgotten
   */
  remembered(): Promise<{ hostPath: string; roots: readonly KnownRoot[] }>
  /** Looks once more, then removes the witnesses and the probes. It never touches files. */
  forget(): Promise<void>
}

/** Lets the engine forget a data root that is gone for good, so that a new one may begin on its path. */
export function createForgetRoot(deps: {
  look: () => Promise<RootSight>
  engine: Engine
  hostDataPath: string | null
}): ForgetRoot {
  const { look, engine, hostDataPath } = deps

  async function remembered() {
    const sight = await look()
    const memory = await recall(engine, sight, hostDataPath)
    if (memory.kind === 'silent')
      throw new Error(`The engine cannot be asked, so nothing is forgotten: ${memory.reason}`)
    const markerThere = memory.markerThere ?? (await markerAt(engine, memory.hostPath))
    const forgetting = forgettingOf(sight, { ...memory, markerThere })
    if (forgetting.kind === 'refused') throw new Error(forgetting.reason)
    return { hostPath: memory.hostPath, roots: memory.roots }
  }

  return {
    remembered,
    async forget() {
      // Look again: somebody may have mounted a disk since the question was asked.
      const { hostPath, roots } = await remembered()
      for (const { rootId, witness } of roots) {
        if (witness !== null) await engine.forgetWitness(witness)
        await engine.remove(probeName(rootId, hostPath)) // a killed service left it: no probe of this process
      }
    },
  }
}
