/** The documents about the metrics agree with a scrape. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLab } from '../support/lab.ts'
import { metricsIn, queriesOf, readMonitoring } from '../support/monitoring.ts'
import { type Family, parseScrape } from '../support/scrape.ts'

let lab: Awaited<ReturnType<typeof openLab>>
let families: Family[]
beforeAll(async () => {
  lab = await openLab({ images: [], registry: ['ai-lab/jupyterlab:latest'] })
  await lab.as(lab.adminToken).post('/api/environments', { template: 'jupyterlab' }).set({ prefer: 'wait=20' })
  families = parseScrape((await lab.as(lab.adminToken).get('/metrics').expect(200)).text).families
})
afterAll(() => lab[Symbol.asyncDispose]())

// Trouble (metrics): a document is out of date
test('docs/metrics.md lists exactly the existing metrics, with their types, labels and meanings', () => {
  const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
  const rows = Array.from(page.matchAll(/^\| `(\w+)` +\| (\w+) +\| (.*?) +\| (.*?) +\|$/gm), ([, ...cells]) => cells)
  const cells = ({ name, type, labels, help }: Family) => [
    name,
    type,
    labels.map((each) => `\`${each}\``).join(', '),
    help,
  ]
  expect(rows.toSorted()).toEqual(families.map(cells).toSorted())
})

// Trouble (metrics): a dashboard asks for a metric that does not exist
test('every metric that the dashboard and the alerts ask for exists', () => {
  const names = new Set(families.map(({ name }) => name))
  const asked = queriesOf(readMonitoring()).map(({ title, query }) => ({ title, metrics: metricsIn(query) }))
  expect(asked.filter(({ metrics }) => metrics.some((name) => !names.has(name)))).toEqual([])
  // Only `up` is Prometheus's own.
  expect(asked.filter(({ metrics }) => metrics.length === 0).map(({ title }) => title)).toEqual([
    'Service',
    'AiLabDown',
  ])
})

test('every metric is in the dashboard', () => {
  const { dashboard } = readMonitoring()
  const shown = new Set(dashboard.panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricsIn(expr))))
  expect(families.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([])
})

test('the dashboard lets a person choose the data source, the job and the instance', () => {
  const { dashboard } = readMonitoring()
  expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'instance'])
  const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  expect(queries.filter((query) => !query.includes('{job=~"$job",instance=~"$instance"'))).toEqual([])
  const sources = JSON.stringify(dashboard.panels).matchAll(/"type":"prometheus","uid":"(.*?)"/g)
  expect(new Set(Array.from(sources, ([, uid]) => uid))).toEqual(new Set([`${'$'}{datasource}`]))
})
