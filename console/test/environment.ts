import type { Environment } from '../src/api/bodies.ts'

/** An environment that runs, with what a test changes. */
export function environment(changes: Partial<Environment> = {}): Environment {
  return {
    id: 'ai-lab-1',
    name: 'churn model',
    user_id: 'anna@lab',
    template: 'jupyterlab',
    type: 'jupyter',
    image: 'ai-lab/jupyterlab:latest',
    image_id: null,
    image_digest: null,
    desired_state: 'running',
    status: 'running',
    status_reason: null,
    failure_code: null,
    safe: false,
    transition: null,
    access_url: 'http://localhost:5555/open/ai-lab-1',
    program_url: 'http://localhost:5556/env/ai-lab-1/',
    resources: { memory_bytes: 1, cpu_cores: 1, gpus: 0, pids: 1 },
    mounts: [],
    created: '2026-01-01T00:00:00.000Z',
    started: null,
    last_activity: null,
    owner: 'anna@lab',
    ...changes,
  }
}

/** So many environments, the newest first, as the service lists them. */
export function manyEnvironments(count: number): Environment[] {
  return Array.from({ length: count }, (_, at) =>
    environment({
      id: `env-${String(at).padStart(6, '0')}`,
      name: `study ${at}`,
      user_id: `person-${at % 200}@lab`,
      created: new Date(Date.UTC(2026, 0, 1) - at * 60_000).toISOString(),
    }),
  )
}
