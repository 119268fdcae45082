import type { ContainerSpec } from '../domain/environment/container-spec.ts'

const mebibyte = 2 ** 20

/**
 * The body of the engine's create call for a specification. Pure.
 *
 * - `Mounts`, never `Binds`: a missing source is an error, not a new empty folder (docs: docker-facts).
 * - Restart policy `no`: the engine must never start one on its own, before the data root is proven.
 * - No health check: for each one the engine starts a process in the container. If the container is paused at that very
 *   moment, the check hangs, with every call about the container (docs: docker-facts). The service asks the environment's
 *   own server instead.
 * - No `Init`: the images of the catalogue bring their own (tini, dumb-init), which complain if they are not process 1.
 */
export function containerConfig(spec: ContainerSpec) {
  const port = `${spec.port}/tcp`
  return {
    Image: spec.image,
    ...(spec.command.length > 0 && { Cmd: spec.command }),
    Env: Object.entries(spec.env).map(([key, value]) => `${key}=${value}`),
    Labels: spec.labels,
    User: spec.user,
    WorkingDir: spec.workingDir,
    Healthcheck: { Test: ['NONE'] },
    ExposedPorts: { [port]: {} },
    HostConfig: {
      Mounts: spec.mounts.map(bindMount),
      RestartPolicy: { Name: 'no' },
      NetworkMode: spec.network,
      PortBindings: { [port]: [{ HostIp: '127.0.0.1', HostPort: String(spec.hostPort ?? '') }] },
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      // PyTorch's data loaders pass tensors through /dev/shm; the engine's default of 64 MiB ends them with a bus error.
      ShmSize: 256 * mebibyte,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      ...limits(spec),
    },
  }
}

export type ContainerConfig = ReturnType<typeof containerConfig>

function bindMount({ source, target, readOnly }: ContainerSpec['mounts'][number]) {
  return {
    Type: 'bind',
    Source: source,
    Target: target,
    ReadOnly: readOnly,
    BindOptions: { Propagation: 'rprivate' },
  } as const
}

function limits({ resources: { memoryBytes, cpuCores, pids, gpus } }: ContainerSpec) {
  return {
    Memory: memoryBytes,
    MemorySwap: memoryBytes, // the sum of both: no swap
    NanoCpus: Math.round(cpuCores * 1e9),
    PidsLimit: pids,
    ...(gpus > 0 && { DeviceRequests: [{ Driver: '', Count: gpus, Capabilities: [['gpu']] }] }),
  }
}
