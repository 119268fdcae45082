import { expect, test } from 'vitest'
import { catalogSchema, tierAllows } from '../../../../src/domain/environment/catalog.ts'
import { containerSpec } from '../../../../src/domain/environment/container-spec.ts'
import { launchOf, resourcesOf } from '../../../../src/domain/environment/launch.ts'
import { userId } from '../../../../src/domain/people/user-id.ts'

const catalog = catalogSchema.parse({
  tiers: {
    default: { memory: '4GiB', cpu_cores: 2, gpus: 0, max_environments: 2 },
    premium: { memory: '32GiB', cpu_cores: 8, gpus: 1, max_environments: 4 },
  },
  templates: {
    lab: {
      description: 'A lab',
      type: 'jupyter',
      image: 'lab:1',
      command: ['run', '--base={base_path}'],
      environment: { SECRET: '{token}' },
      port: 8888,
      open_path: '{base_path}lab?token={token}',
      ready_path: '{base_path}api/status',
      minimum_tier: 'default',
      memory: '8GiB',
      cpu_cores: 1,
    },
  },
})
const [template, tier] = [catalog.templates.lab, catalog.tiers.default]
if (!template || !tier) throw new Error('the catalogue of this test is not what it should be')

test('the launch has the path of the environment filled in, and leaves the secret to each container', () => {
  expect(launchOf(template, 'ai-lab-lab-000000')).toMatchObject({
    command: ['run', '--base=/env/ai-lab-lab-000000/'],
    environment: { SECRET: '{token}' },
    openPath: '/env/ai-lab-lab-000000/lab?token={token}',
    readyPath: '/env/ai-lab-lab-000000/api/status',
    readyWithinMs: 60_000,
  })
})

test('resources of a template are cut to the tier, and a person who asks for more is refused', () => {
  expect(resourcesOf(template, tier, {})).toEqual({ memoryBytes: 4 * 2 ** 30, cpuCores: 1, gpus: 0, pids: 4096 })
  expect(() => resourcesOf(template, tier, { memoryBytes: 5 * 2 ** 30 })).toThrow('resources-over-tier')
  expect(() => resourcesOf(template, tier, { gpus: 1 })).toThrow('GPUs: 1 asked for')
})

test('tiers are ranked by their order in the catalogue', () => {
  expect(tierAllows(catalog, 'premium', 'default')).toBe(true)
  expect(tierAllows(catalog, 'default', 'premium')).toBe(false)
  expect(tierAllows(catalog, 'unheard-of', 'default')).toBe(false)
})

test('a catalogue that names an unknown tier is refused', () => {
  const wrong = {
    tiers: { default: { memory: '1GiB', cpu_cores: 1, gpus: 0, max_environments: 1 } },
    templates: { a: { ...raw(), minimum_tier: 'gold' } },
  }
  expect(catalogSchema.safeParse(wrong).error?.issues[0]?.message).toBe('there is no tier named "gold"')
})

function raw() {
  return {
    description: '',
    type: 'jupyter',
    image: 'a',
    port: 1,
    open_path: '/',
    ready_path: '/',
    memory: '1GiB',
    cpu_cores: 1,
  }
}

const environment = {
  id: 'ai-lab-lab-000000',
  userId: userId.parse('demo@ailab.com'),
  name: 'x',
  template: 'lab',
  launch: launchOf(template, 'ai-lab-lab-000000'),
  resources: resourcesOf(template, tier, {}),
  token: 's3cret',
  hostPort: 61_000,
  desired: 'running' as const,
  restartRequestedAt: null,
  replaceContainer: null,
  madeFrom: 'latest' as const,
  safe: false,
  failure: null,
  lastActivityAt: null,
  idleAction: null,
  upstream: null,
  outOfMemoryAt: null,
  createdAt: 0,
}
const lab = {
  rootId: 'r',
  hostDataPath: '/srv/a b:c',
  sharedMode: 'ro' as const,
  notebookUid: 1000,
  notebookGid: 100,
  cpus: 64,
}

test("a container mounts shared/ read-only and the person's folder, both from the one data root", () => {
  const spec = containerSpec(environment, lab)
  expect(spec.mounts).toEqual([
    { source: '/srv/a b:c/shared', target: '/home/jovyan/shared', readOnly: true },
    { source: '/srv/a b:c/users/demo@ailab.com', target: '/home/jovyan/data', readOnly: false },
  ])
  expect(spec.user).toBe('1000:100')
  expect(spec.labels).toMatchObject({
    'ai-lab.environment': 'ai-lab-lab-000000',
    'ai-lab.user': 'demo@ailab.com',
    'ai-lab.root': 'r',
  })

  const moved = containerSpec(environment, { ...lab, hostDataPath: '/srv/elsewhere' })
  expect(moved.labels['ai-lab.spec-hash']).not.toBe(spec.labels['ai-lab.spec-hash'])
  expect(containerSpec({ ...environment, name: 'y' }, lab).labels['ai-lab.spec-hash']).toBe(
    spec.labels['ai-lab.spec-hash'],
  )
})

test("the secret is in the container's variables, and not in the label with the record", () => {
  const { env, labels } = containerSpec({ ...environment, token: '$&"' }, lab)
  expect(env).toMatchObject({ SECRET: '$&"', JUPYTER_TOKEN: '$&"' })
  expect(labels['ai-lab.record']).toContain('{token}')
})

test('programs are told to use as many threads as the container has CPUs, rounded up, and no more than the machine has', () => {
  const told = (cpuCores: number, cpus = 64) => {
    const resources = { ...environment.resources, cpuCores }
    const { env } = containerSpec({ ...environment, resources }, { ...lab, cpus })
    const names = ['PYTHON_CPU_COUNT', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'] as const
    return new Set([...names, 'NUMEXPR_NUM_THREADS'].map((name) => env[name]))
  }
  expect([told(0.5), told(2), told(2.5), told(8, 4)]).toEqual(['1', '2', '3', '4'].map((count) => new Set([count])))
})

test("the template's own number of threads wins", () => {
  const launch = { ...environment.launch, environment: { OMP_NUM_THREADS: '7' } }
  const { env } = containerSpec({ ...environment, launch }, lab)
  expect([env.OMP_NUM_THREADS, env.MKL_NUM_THREADS]).toEqual(['7', '1'])
})

test('the container of a safe start says so in its variables and labels, and no other container does', () => {
  const of = (safe: boolean) => containerSpec({ ...environment, safe }, lab)
  expect(of(true).env).toMatchObject({ AI_LAB_SAFE: '1', PYTHONNOUSERSITE: '1' })
  expect(of(true).labels).toMatchObject({ 'ai-lab.safe': 'true' })
  expect(Object.keys(of(false).env)).not.toContain('AI_LAB_SAFE')
  expect(Object.keys(of(false).labels)).not.toContain('ai-lab.safe')
})

// Trouble (input): somebody asks for more CPUs than the machine has
test('a container asks for no more CPUs than the machine has', () => {
  expect(containerSpec(environment, { ...lab, cpus: 0.5 }).resources.cpuCores).toBe(0.5)
})
