import { rename } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { type Client, type Lab, openLab } from '../support/lab.ts'
import { plainProxy } from '../support/plain-proxy.ts'
import { portOf } from '../support/raw-http.ts'
import { parseScrape } from '../support/scrape.ts'

const wait = { prefer: 'wait=20' }
const body = { template: 'jupyterlab' }

/** Reads figures by their series, as a person would write them. */
async function figures(lab: Lab): Promise<(series: string) => number | undefined> {
  const { text } = await lab.as(lab.adminToken).get('/metrics').expect(200)
  const lines = new Map(text.split('\n').map((line) => line.split(/ (?=\S+$)/) as [string, string]))
  return (series) => (lines.has(series) ? Number(lines.get(series)) : undefined)
}

async function figure(lab: Lab, series: string): Promise<number | undefined> {
  return (await figures(lab))(series)
}

async function running(client: Client): Promise<string> {
  const answer = await client.post('/api/environments', body).set(wait).expect(202)
  expect(answer.body.status).toBe('running')
  return answer.body.id
}

// Trouble (metrics): anybody reads the metrics
// Trouble (metrics): a plain reverse proxy on this machine sends no header of its own
test.each([[{}], [{ TRUST_PROXY: '127.0.0.1' }], [{ PUBLIC_URL: 'https://lab.example.com' }]])(
  'with the settings %j only administrators may read the metrics, on this machine too',
  async (env) => {
    await using lab = await openLab({ env })
    const { client } = await lab.newUser('demo')
    await using proxy = await plainProxy(await portOf(lab.service.app))
    const read = (headers = {}) => fetch(`${proxy.url}/metrics`, { headers })
    expect((await read()).status).toBe(401)
    await lab.as().get('/metrics').set('host', 'localhost:5555').expect(401)
    await client.get('/metrics').expect(403)
    const answer = await read({ authorization: `Bearer ${lab.adminToken}` })
    expect(await answer.text()).toContain('ailab_data_root_proven 1')
  },
)

// Trouble (metrics): environments by status and their phases are counted wrongly
test('the metrics count an environment by its status, and time each of its phases', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const count = (phase: string) => `ailab_environment_phase_seconds_count{phase="${phase}",outcome="done"}`
  expect(await figure(lab, 'ailab_environments{status="running"}')).toBe(0)
  const id = await running(admin)
  await expect.poll(() => figure(lab, count('total'))).toBe(1)
  const read = await figures(lab)
  expect(read('ailab_environments{status="running"}')).toBe(1)
  for (const phase of ['queue', 'image', 'create', 'start', 'ready'])
    expect([phase, read(count(phase))]).toEqual([phase, 1])

  await admin.post(`/api/environments/${id}/stop`).expect(202)
  await expect.poll(() => figure(lab, 'ailab_environments{status="exited"}')).toBe(1)
  expect(await figure(lab, 'ailab_environments{status="running"}')).toBe(0)
  expect(await figure(lab, count('stop'))).toBe(1)
  expect(await figure(lab, count('total'))).toBe(1)

  await admin.delete(`/api/environments/${id}`).expect(202)
  await expect.poll(() => figure(lab, 'ailab_environments{status="exited"}')).toBe(0)
})

// Trouble (metrics): the queue is counted wrongly
test('the metrics count the environments in the queue, and show the longest wait', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => (name === 'start' ? released : undefined)
  const created = 2 * availableParallelism() + 3
  for (let index = 0; index < created; index += 1) await admin.post('/api/environments', body).expect(202)
  await expect.poll(() => figure(lab, 'ailab_environments{status="pending"}')).toBeGreaterThan(0)
  await expect.poll(() => figure(lab, 'ailab_queue_longest_wait_seconds')).toBeGreaterThan(0.05)
  const read = await figures(lab)
  expect(read('ailab_queue_length')).toBe(read('ailab_environments{status="pending"}'))
  release()
  await expect.poll(() => figure(lab, 'ailab_environments{status="running"}')).toBe(created)
  expect(await figure(lab, 'ailab_queue_length')).toBe(0)
  expect(await figure(lab, 'ailab_queue_longest_wait_seconds')).toBe(0)
})

// Trouble (metrics): failures are not counted
test('the metrics count a failure by its reason, and the creation as failed', async () => {
  await using lab = await openLab({ images: [] })
  const answer = await lab.as(lab.adminToken).post('/api/environments', body).set(wait).expect(202)
  expect(answer.body.status).toBe('failed')
  const failed = 'ailab_environment_phase_seconds_count{phase="total",outcome="failed"}'
  await expect.poll(() => figure(lab, failed)).toBe(1)
  const read = await figures(lab)
  expect(read('ailab_environment_failures_total{code="image-unavailable"}')).toBe(1)
  expect(read('ailab_engine_errors_total{code="image-unavailable"}')).toBe(1)
  expect(read('ailab_image_pull_seconds_count{outcome="failed"}')).toBe(1)
  expect(read('ailab_environments{status="failed"}')).toBe(1)
})

// Trouble (metrics): pulls are not counted
test('the metrics time pulls, and count their bytes', async () => {
  await using lab = await openLab({ images: [], registry: ['ai-lab/jupyterlab:latest'] })
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => (name === 'pull' ? released : undefined)
  const created = running(lab.as(lab.adminToken))
  await expect.poll(() => figure(lab, 'ailab_image_pulls_running')).toBe(1)
  release()
  await created
  const read = await figures(lab)
  expect(read('ailab_image_pulls_running')).toBe(0)
  expect(read('ailab_image_pull_bytes_total')).toBe(100)
  expect(read('ailab_image_pull_seconds_count{outcome="done"}')).toBe(1)
})

// Trouble (metrics): the engine is away
test('while the engine is away, the metrics count errors, and the environments as unknown', async () => {
  await using lab = await openLab()
  await running(lab.as(lab.adminToken))
  lab.engine.reachable = false
  await expect.poll(() => figure(lab, 'ailab_environments{status="unknown"}')).toBe(1)
  expect(await figure(lab, 'ailab_engine_errors_total{code="engine-unavailable"}')).toBeGreaterThan(0)
  expect(await figure(lab, 'ailab_engine_call_seconds_count{call="list",outcome="failed"}')).toBeGreaterThan(0)
})

// Trouble (metrics): the proof does not hold
test('a proof that does not hold sets the gauge to 0, and its findings are counted by code', async () => {
  await using lab = await openLab({ env: { PROOF_INTERVAL: '250ms' } })
  await rename(lab.dataDir, `${lab.dataDir}-away`)
  await expect.poll(() => figure(lab, 'ailab_data_root_proven')).toBe(0)
  expect(await figure(lab, 'ailab_proofs_total{status="unproven"}')).toBeGreaterThan(0)
  await expect.poll(() => figure(lab, 'ailab_proof_findings{code="data-root-missing",severity="error"}')).toBe(1)
  await rename(`${lab.dataDir}-away`, lab.dataDir)
  await expect.poll(() => figure(lab, 'ailab_data_root_proven'), { timeout: 20_000 }).toBe(1)
}, 60_000)

// Trouble (metrics): a scan of unknown paths fills the metrics
test('the metrics count requests by the pattern of their route, also for unknown paths', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  for (let index = 0; index < 50; index += 1) {
    await admin.get(`/api/environments/no-such-${index}`).expect(404)
    await admin.get(`/no/such/path/${index}`).expect(404)
  }
  await admin.get('/api/%zz').expect(400)
  const read = await figures(lab)
  const ofRoute = (route: string) => `ailab_http_request_seconds_count{method="GET",route="${route}",status="4xx"}`
  expect(read(ofRoute('/api/environments/:id'))).toBe(50)
  expect(read(ofRoute('none'))).toBe(50)
  expect(read('ailab_http_problems_total{code="environment-not-found"}')).toBe(50)
  expect(read('ailab_http_problems_total{code="malformed-request"}')).toBe(1)
})

// Trouble (metrics): labels grow with the lab
test('no label holds an id of an environment or of a person', async () => {
  await using lab = await openLab()
  const { client, token } = await lab.newUser('somebody@lab')
  const id = await running(client)
  await client.get(`/api/environments/${id}`).expect(200)
  await client.get(`/api/environments/${id}/logs?tail=3`).expect(200)
  await client.get(`/api/environments?user_id=somebody@lab`).expect(200)
  const { text } = await lab.as(lab.adminToken).get('/metrics').expect(200)
  for (const secret of [id, 'somebody', token]) expect(text).not.toContain(secret)
  expect(parseScrape(text).samples.length).toBeLessThan(2_000)
})
