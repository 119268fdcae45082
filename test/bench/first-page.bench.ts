// JupyterLab's first page, with all its requests, through the gateway beside the environment's own server, in Chromium.
import { chromium, type Page } from 'playwright-core'
import * as apt from '../../scripts/lib/apt.ts'
import { run } from '../../scripts/lib/run.ts'
import { envOf, loopbackOnly, program } from '../e2e/support/browser.ts'
import { platformOf, setPassword, signInAs } from '../e2e/support/sign-in.ts'
import { serverUrl } from '../support/server-url.ts'
import { createRunning } from './support/environments.ts'
import { printFigures, write } from './support/figures.ts'
import { runBench } from './support/run-bench.ts'
import { startMeasured } from './support/service.ts'
import { median, quantile } from './support/statistics.ts'
import { printNote } from './support/table.ts'

const pairs = Number(process.env.PAIRS ?? 15)
const warmUpPairs = 2

await runBench("JupyterLab's first page", async (signal) => {
  if (!(await run('chromium', ['--version'], { signal })).ok) await apt.install(['chromium'], signal)
  await using measured = await startMeasured()
  const { service, api } = measured
  const { id } = await createRunning(api)
  await setPassword(service, 'admin')
  const browser = await chromium.launch({
    executablePath: program,
    env: envOf('whole'),
    args: loopbackOnly(null),
    chromiumSandbox: false,
  })

  /** The cookies after a first visit: each measured visit begins with them, and with nothing in the browser's cache. */
  async function cookiesAfter(url: string, first: (page: Page) => Promise<void>) {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(url)
    await first(page)
    await page.locator('.jp-FileBrowser:not(.jp-mod-restoring)').waitFor()
    const known = { address: page.url(), storageState: await context.storageState() }
    await context.close()
    return known
  }

  async function visit({
    address,
    storageState,
  }: Awaited<ReturnType<typeof cookiesAfter>>): Promise<{ ms: number; requests: number }> {
    signal.throwIfAborted()
    const context = await browser.newContext({ storageState })
    const page = await context.newPage()
    let requests = 0
    page.on('request', () => {
      requests += 1
    })
    const since = performance.now()
    await page.goto(address)
    await page.locator('.jp-FileBrowser:not(.jp-mod-restoring)').waitFor()
    const ms = performance.now() - since
    await context.close()
    return { ms, requests }
  }

  try {
    const direct = await cookiesAfter(await serverUrl(id), async () => {})
    const gateway = await cookiesAfter(`${platformOf(service)}/open/${id}`, signInAs('admin'))
    const results: { gateway: number; direct: number }[] = []
    let requests = 0
    for (let index = -warmUpPairs; index < pairs; index += 1) {
      const early = index % 2 === 0 ? await visit(gateway) : null
      const beside = await visit(direct)
      const through = early ?? (await visit(gateway))
      requests = through.requests
      if (index >= 0) results.push({ gateway: through.ms, direct: beside.ms })
    }
    const ratios = results.map((each) => each.gateway / each.direct)
    printNote(`${requests} requests a page; ${pairs} pairs in turns, each with an empty cache.`)
    printFigures([
      { name: 'through the gateway', value: median(results.map((each) => each.gateway)), write: write.ms },
      { name: 'direct', value: median(results.map((each) => each.direct)), write: write.ms },
      {
        name: 'their ratio, pair by pair',
        value: median(ratios),
        write: write.ratio,
        target: { atMost: 1.1 },
        remark: `quartiles ${write.ratio(quantile(ratios, 0.25))} to ${write.ratio(quantile(ratios, 0.75))}`,
      },
    ])
  } finally {
    await browser.close()
  }
})
