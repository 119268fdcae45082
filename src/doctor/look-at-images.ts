import { imageNameOf, outdatedOf } from '../domain/environment/outdated.ts'
import { ownContainers } from '../domain/environment/own-containers.ts'
import { imageLabel, labels } from '../domain/names.ts'
import type { RootLook } from '../ports/site.ts'
import { rootIdOf } from './checks/data-root.ts'
import type { GatherUses } from './gather-uses.ts'
import type { ImagesSight } from './observations.ts'

/** The images of the environments of a data root, and the images that builds left behind; null if there is no data root. */
export async function lookAtImages(
  { engine, recordedImages }: Pick<GatherUses, 'engine' | 'recordedImages'>,
  root: RootLook | null,
): Promise<ImagesSight | null> {
  const rootId = root && rootIdOf(root)
  if (!root || !rootId || root.database?.kind !== 'file') return null
  const recorded = await recordedImages(`${root.path}/admin/ai-lab.db`)
  const own = [...ownContainers(await engine.list()).values()].filter(
    (each) => each.labels[labels.root] === rootId && recorded.has(each.environmentId),
  )
  const idOf = new Map<string, string | null>()
  for (const name of new Set(own.map(imageNameOf))) {
    if (name !== null) idOf.set(name, (await engine.findImage(name))?.id ?? null)
  }
  // An environment whose container is gone is made again from its recorded image.
  const needed = new Set(recorded.values())
  const nameless = await engine.namelessImages(imageLabel)
  return { outdated: outdatedOf(own, idOf), leftBehind: nameless.filter(({ id }) => !needed.has(id)) }
}
