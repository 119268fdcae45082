/** An environment in the document. The linter of the document checks it against the schema. */
export const environmentExample = {
  id: 'ai-lab-jupyterlab-k3v9q2',
  name: 'churn model',
  user_id: 'demo@ailab.com',
  template: 'jupyterlab',
  type: 'jupyter',
  image: 'ai-lab/jupyterlab:latest',
  image_id: 'sha256:5c2b5b3f0d3a0a7e6f0f1f1f0d6f5c2b5b3f0d3a0a7e6f0f1f1f0d6f5c2b5b3f',
  image_digest: null,
  desired_state: 'paused',
  status: 'running',
  status_reason: null,
  safe: false,
  transition: { action: 'pause', started_at: '2026-11-24T09:07:33.551Z', until: ['paused', 'exited', 'failed'] },
  access_url: 'http://localhost:5555/open/ai-lab-jupyterlab-k3v9q2',
  resources: { memory_bytes: 8_589_934_592, cpu_cores: 2, gpus: 0, pids: 4096 },
  mounts: [
    {
      target: '/home/jovyan/shared',
      mode: 'ro',
      proof: { status: 'proven', checked_at: '2026-11-24T09:07:01.204Z' },
    },
    {
      target: '/home/jovyan/data',
      mode: 'rw',
      proof: { status: 'proven', checked_at: '2026-11-24T09:07:01.204Z' },
    },
  ],
  created: '2026-11-24T08:51:12.008Z',
  started: '2026-11-24T08:51:14.730Z',
  last_activity: '2026-11-24T09:06:58.117Z',
  owner: 'demo@ailab.com',
}
