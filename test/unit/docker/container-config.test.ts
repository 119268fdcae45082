import { expect, test } from 'vitest'
import { containerConfig } from '../../../src/docker/container-config.ts'

const spec = {
  name: 'ai-lab-lab-000000',
  image: 'lab:1',
  command: [],
  env: { KEY: 'a=b' },
  labels: { 'ai-lab.environment': 'ai-lab-lab-000000' },
  user: '1000:100',
  workingDir: '/home/jovyan/data',
  mounts: [
    { source: '/srv/a b:c,d/shared', target: '/home/jovyan/shared', readOnly: true },
    { source: '/srv/a b:c,d/users/x', target: '/home/jovyan/data', readOnly: false },
  ],
  network: 'ai-lab-environments',
  port: 8888,
  hostPort: 61_000,
  resources: { memoryBytes: 2 ** 30, cpuCores: 1.5, gpus: 0, pids: 100 },
}

// Trouble (known): the engine starts containers before a disk is mounted
test('a container gets no more rights than it needs', () => {
  const { HostConfig, ...rest } = containerConfig(spec)
  expect(rest).toMatchObject({ Image: 'lab:1', User: '1000:100', Env: ['KEY=a=b'], Labels: spec.labels })
  expect(HostConfig).toMatchObject({
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges:true'],
    RestartPolicy: { Name: 'no' },
    Memory: 2 ** 30,
    MemorySwap: 2 ** 30,
    NanoCpus: 1.5e9,
    PidsLimit: 100,
    NetworkMode: 'ai-lab-environments',
    PortBindings: { '8888/tcp': [{ HostIp: '127.0.0.1', HostPort: '61000' }] },
  })
  expect(HostConfig).not.toHaveProperty('Binds')
  expect(HostConfig).not.toHaveProperty('Privileged', true)
})

test('the engine picks a port if the environment has none', () => {
  const { PortBindings } = containerConfig({ ...spec, hostPort: null }).HostConfig
  expect(PortBindings).toEqual({ '8888/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] })
})

test('mounts are binds of the given folders, with any characters in their names', () => {
  expect(containerConfig(spec).HostConfig.Mounts).toMatchObject([
    { Type: 'bind', Source: '/srv/a b:c,d/shared', Target: '/home/jovyan/shared', ReadOnly: true },
    { Type: 'bind', Source: '/srv/a b:c,d/users/x', Target: '/home/jovyan/data', ReadOnly: false },
  ])
})

test('a container asks for GPUs only if it should have some', () => {
  const withGpus = { ...spec, resources: { ...spec.resources, gpus: 2 } }
  expect(containerConfig(withGpus).HostConfig.DeviceRequests).toMatchObject([{ Count: 2 }])
  expect(containerConfig(spec).HostConfig.DeviceRequests ?? []).toEqual([])
})
