import { labels } from '../domain/names.ts'
import type { Engine } from '../ports/engine.ts'
import { type Call, harmless } from './calls.ts'
import type { Docker } from './dockerode.ts'

/** Empty volumes by which the engine remembers data roots: they outlive containers, and need nothing on the root's disk. */
export function createWitnesses(
  docker: Docker,
  call: Call,
): Pick<Engine, 'witnesses' | 'keepWitness' | 'forgetWitness'> {
  return {
    async witnesses(options) {
      const filters = { label: [labels.root, labels.hostPath] }
      const ask = (abortSignal: AbortSignal) => docker.listVolumes({ filters, abortSignal })
      const { Volumes } = await call('list the data roots that it has served', ask, options)
      return (Volumes ?? []).map(({ Name, Labels }) => ({
        name: Name,
        rootId: Labels?.[labels.root] ?? '',
        hostPath: Labels?.[labels.hostPath] ?? '',
      }))
    },

    async keepWitness({ name, rootId, hostPath }, options) {
      const Labels = { [labels.root]: rootId, [labels.hostPath]: hostPath }
      // If a volume of that name exists, the engine returns it.
      const make = (abortSignal: AbortSignal) => docker.createVolume({ Name: name, Labels, abortSignal })
      await call('remember the data root', make, options)
    },

    async forgetWitness(name, options) {
      const remove = (abortSignal: AbortSignal) => docker.getVolume(name).remove({ abortSignal }).catch(harmless(404))
      await call('forget the data root', remove, options)
    },
  }
}
