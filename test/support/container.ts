import type { Container } from '../../src/domain/environment/environment.ts'

const name = 'ai-lab-jupyterlab-000000'

/** A container as the engine describes it: a running one, except for the given fields. */
export function container(changes: Partial<Container> = {}): Container {
  return {
    kind: 'container',
    containerId: 'c1',
    name,
    environmentId: name,
    state: 'running',
    image: 'image',
    imageId: 'sha256:image',
    startedAt: null,
    finishedAt: null,
    exitCode: null,
    outOfMemory: false,
    address: null,
    labels: {},
    mounts: [],
    ...changes,
  }
}
