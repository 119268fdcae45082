/** The API in a real browser: its pages, and the events of progress. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Browser, startBrowser } from './support/browser.ts'
import { type Json, project, type RunningService, startService } from './support/service.ts'
import { tinyCatalog } from './support/tiny-catalog.ts'

let browser: Browser
let service: RunningService
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-browser-'))
  await writeFile(join(folder, 'catalog.yaml'), tinyCatalog)
  service = await startService({ env: { CATALOG_FILE: join(folder, 'catalog.yaml') } })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await service?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

// Trouble (browser): somebody opens `/docs` at an address that is not `PUBLIC_URL`
test('the API pages work at 127.0.0.1 and at localhost, and load nothing from another server', async () => {
  for (const origin of [service.url, service.url.replace('127.0.0.1', 'localhost')]) {
    const { page, requests, complaints } = await browser.open(`${origin}/docs`)
    await page.getByRole('button', { name: 'Authorize' }).click()
    await page.getByLabel('auth-bearer-value').fill(service.adminToken)
    await page.getByRole('button', { name: 'Apply credentials' }).first().click()
    await page.getByRole('button', { name: 'Close' }).first().click()

    const operation = page.locator('#operations-users-listUsers')
    await operation.click()
    await operation.getByRole('button', { name: 'Try it out' }).click()
    await operation.getByRole('button', { name: 'Execute' }).click()
    const answer = operation.locator('.live-responses-table .response').first()
    await expect.poll(() => answer.textContent()).toMatch(/^200.*"id": "admin"/s)
    expect(requests).toContain(`${origin}/api/users`)
    expect(requests.filter((url) => new URL(url).origin !== origin)).toEqual([])
    expect(complaints).toEqual([])
  }
})

// Trouble (browser): a page follows progress while the service is killed
test('the code in docs/progress.md receives the events, even when the service is killed and started again meanwhile', async () => {
  const { page } = await browser.open(`${service.url}/docs`)
  const told = await tellMe(page)
  const { id } = await createLate()
  const [, example] = /```js\n(.*?)```/s.exec(await readFile(join(project, 'docs/progress.md'), 'utf8')) ?? []
  const following = page.evaluate(`(async (id, token) => { ${example} })('${id}', '${service.adminToken}')`)

  await expect.poll(() => told).toContainEqual(['phase', { phase: 'awaiting-ready' }])
  expect(kinds(told)).toEqual(expect.not.arrayContaining(['ready', 'ended']))
  await service.end('SIGKILL')
  told.length = 0
  await service.startAgain()
  await expect
    .poll(() => told)
    .toContainEqual(['status', expect.objectContaining({ status: 'starting', reason: null })])
  expect(kinds(told)).toEqual(expect.not.arrayContaining(['ready', 'ended']))

  await writeFile(answering(), '')
  await following
  expect(kinds(told).slice(-2)).toEqual(['ready', 'ended'])
  expect(told.at(-1)).toEqual(['ended', { status: 'running' }])
})

// Trouble (browser): `EventSource`, which can send no token
test("the service refuses a browser's EventSource, which sends no token; behind a proxy that adds one it works, and ends at the 204", async () => {
  const { page, requests } = await browser.open(`${service.url}/docs`)
  const told = await tellMe(page)
  const { id } = await createLate()
  const events = `/api/environments/${id}/events`
  const listen = `
    const source = new EventSource('${events}')
    for (const kind of ['status', 'phase', 'ready', 'ended'])
      source.addEventListener(kind, ({ data }) => tell(kind, JSON.parse(data)))
    new Promise((resolve) => source.addEventListener('error', () => source.readyState === EventSource.CLOSED && resolve()))`
  await page.evaluate(`{ ${listen} }`)
  expect(told).toEqual([])

  await page.setExtraHTTPHeaders({ authorization: `Bearer ${service.adminToken}` })
  const closed = page.evaluate(`{ ${listen} }`)
  await expect.poll(() => told).toContainEqual(['phase', { phase: 'awaiting-ready' }])
  expect(kinds(told)).toEqual(expect.not.arrayContaining(['ready', 'ended']))
  await writeFile(answering(), '')
  await closed
  expect(kinds(told).filter((kind) => kind === 'ready' || kind === 'ended')).toEqual(['ready', 'ended'])
  // Three requests: one refused, one with all the events, and one answered with 204.
  expect(requests.filter((url) => url.endsWith(events))).toHaveLength(3)
})

type Told = [kind: string, data: Json]

/** Collects the events that a page passes to its function `tell`. */
async function tellMe(page: Page): Promise<Told[]> {
  const told: Told[] = []
  await page.exposeFunction('tell', (...event: Told) => void told.push(event))
  return told
}

function kinds(told: Told[]): string[] {
  return told.map(([kind]) => kind)
}

/** An environment that does not answer yet. */
async function createLate(): Promise<Json> {
  await rm(answering(), { force: true })
  return (await service.call('POST', '/api/environments', { body: { template: 'late' } })).body
}

function answering(): string {
  return join(service.dataDir, 'shared/go')
}
