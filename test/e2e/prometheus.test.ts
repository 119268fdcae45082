/** Debian's Prometheus reads the metrics of the real service. */
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { queriesOf, readMonitoring } from '../support/monitoring.ts'
import { createNotebook } from './support/notebook.ts'
import { promtool, startPrometheus, withTokenIn } from './support/prometheus.ts'
import { project, type RunningService, startService } from './support/service.ts'

const monitoring = readMonitoring()
const eventually = { timeout: 20_000, interval: 250 }

// Trouble (metrics): Prometheus cannot read the metrics, or raises no alarm
test('Prometheus scrapes the service, counts an environment and its phases, and raises an alarm when the proof breaks', async () => {
  await using service = await startService({ env: { PROOF_INTERVAL: '1s' } })
  const target = new URL(service.url).host
  await using prometheus = await startPrometheus(target, await tokenOf(service), monitoring.prometheus)
  await expect.poll(() => prometheus.value('up{job="ai-lab-backend"}'), eventually).toBe(1)
  await createNotebook(service)

  const running = 'ailab_environments{status="running"}'
  await expect.poll(() => prometheus.value(running), eventually).toBe(1)
  const total = 'ailab_environment_phase_seconds_count{phase="total",outcome="done"}'
  await expect.poll(() => prometheus.value(total), eventually).toBe(1)
  await expect.poll(() => prometheus.value(`increase(${total}[30s])`), eventually).toBeGreaterThan(0)
  expect(await prometheus.value('ailab_environment_phase_seconds_count{phase="create",outcome="done"}')).toBe(1)
  expect(await prometheus.value('ailab_engine_call_seconds_count{call="create",outcome="done"}')).toBe(1)
  expect(await prometheus.value('ailab_data_root_proven')).toBe(1)
  expect(await prometheus.value('sum(ailab_engine_errors_total)')).toBe(0)
  expect(await prometheus.value('ailab_event_loop_lag_p50_seconds')).toBeLessThan(1)

  const { activeTargets } = await prometheus.api('targets')
  expect(activeTargets).toMatchObject([{ health: 'up', lastError: '', labels: { instance: target } }])
  for (const { query } of queriesOf(monitoring)) await prometheus.value(withoutVariables(query))

  await rename(service.dataDir, `${service.dataDir}-away`)
  try {
    await expect.poll(() => prometheus.value('ailab_data_root_proven'), eventually).toBe(0)
    const alert = 'ALERTS{alertname="AiLabDataRootNotProven"}'
    await expect.poll(() => prometheus.value(alert), eventually).toBe(1)
  } finally {
    await rename(`${service.dataDir}-away`, service.dataDir)
  }
  await expect.poll(() => prometheus.value('ailab_data_root_proven'), eventually).toBe(1)
  await expect.poll(() => prometheus.value(running), eventually).toBe(1)
})

// Trouble (metrics): Prometheus cannot read the metrics, or raises no alarm
test('promtool accepts the metrics, the configuration, and the alerts with their tests', async () => {
  await using service = await startService()
  await createNotebook(service)
  const { body } = await service.call('GET', '/metrics')
  expect(await promtool(['check', 'metrics'], body)).toBe('')
  expect(await promtool(['check', 'rules', 'monitoring/alerts.yml'])).toContain('SUCCESS')
  expect(await promtool(['test', 'rules', 'monitoring/alerts-test.yml'])).toContain('SUCCESS')

  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-promtool-'))
  try {
    await writeFile(join(folder, 'token'), await tokenOf(service))
    await writeFile(join(folder, 'alerts.yml'), await readFile(join(project, 'monitoring/alerts.yml')))
    await writeFile(join(folder, 'prometheus.yml'), withTokenIn(folder, monitoring.prometheus))
    expect(await promtool(['check', 'config', join(folder, 'prometheus.yml')])).toContain('SUCCESS')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

/** A token that reads the metrics and nothing else. */
async function tokenOf(service: RunningService): Promise<string> {
  const body = { user_id: 'admin', name: 'prometheus', role: 'admin', scopes: ['metrics'] }
  return (await service.call('POST', '/api/tokens', { body })).body.token
}

/** The query as Grafana sends it, for all jobs and instances. */
function withoutVariables(query: string): string {
  return query.replaceAll('$job', '.+').replaceAll('$instance', '.+').replaceAll('$__rate_interval', '1m')
}
