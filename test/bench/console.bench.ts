// The console in Chromium, with 1,000 and with 10,000 environments of an engine in memory: bytes, first paint, and what a person waits for.
import { type CDPSession, chromium, type Page } from 'playwright-core'
import { ensureConsole } from '../../scripts/lib/console.ts'
import { envOf, loopbackOnly, program } from '../e2e/support/browser.ts'
import { signInAs } from '../e2e/support/sign-in.ts'
import { type ConsoleLab, startConsoleLab } from './support/console-lab.ts'
import { type Figure, printFigures, write } from './support/figures.ts'
import { inPage } from './support/in-page.ts'
import { runBench } from './support/run-bench.ts'
import { median } from './support/statistics.ts'

const loads = Number(process.env.ROUNDS ?? 7)
const events = 15
const kibibytes = (value: number) => `${value.toFixed(1)} KiB`

await runBench('The console', async (signal) => {
  await ensureConsole()
  await using browser = await chromiumOfBench()
  const figures: Figure[] = []
  {
    await using lab = await startConsoleLab(1_000, signal)
    await using person = await browser.visitor(lab)
    figures.push(...(await firstLoad(person, lab)), await newStatus(person, lab), ...(await interaction(person, lab)))
  }
  {
    await using lab = await startConsoleLab(10_000, signal)
    await using person = await browser.visitor(lab)
    figures.push(...(await longList(person, lab)))
  }
  printFigures(figures)
})

type Visitor = { page: Page; cdp: CDPSession } & AsyncDisposable

async function chromiumOfBench() {
  const browser = await chromium.launch({
    executablePath: program,
    env: envOf('whole'),
    args: loopbackOnly(null),
    chromiumSandbox: false,
  })
  return {
    /** A person who has signed in as the administrator. */
    async visitor({ origin }: ConsoleLab): Promise<Visitor> {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 } })
      const page = await context.newPage()
      await page.goto(`${origin}/sign-in`)
      await signInAs('admin')(page)
      await page.getByText('You are admin.').waitFor()
      const cdp = await context.newCDPSession(page)
      return { page, cdp, [Symbol.asyncDispose]: () => context.close() }
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

/** The first visit to one's own environments, with an empty cache. */
async function firstLoad({ page, cdp }: Visitor, { origin }: ConsoleLab): Promise<Figure[]> {
  await cdp.send('Network.enable')
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
  const sizes: number[] = []
  let inAdvance = 0
  const paints: number[] = []
  for (let round = 0; round < loads; round += 1) {
    const bytes = new Map<string, number>()
    const assets = new Set<string>()
    const note = ({ requestId, response }: { requestId: string; response: { url: string } }) => {
      const isApi = new URL(response.url).pathname.startsWith('/api/')
      if (!isApi) assets.add(requestId)
    }
    const end = ({ requestId, encodedDataLength }: { requestId: string; encodedDataLength: number }) =>
      bytes.set(requestId, encodedDataLength)
    cdp.on('Network.responseReceived', note)
    cdp.on('Network.loadingFinished', end)
    await page.goto(`${origin}/`)
    await page.getByText('You have no environment yet').waitFor()
    await page.waitForTimeout(300) // what the page itself loads after that counts too
    const loaded = () => [...bytes].reduce((sum, [id, size]) => sum + (assets.has(id) ? size : 0), 0)
    sizes.push(loaded())
    if (round === 0) {
      await page.waitForTimeout(3_000)
      inAdvance = loaded() - (sizes[0] ?? 0)
    }
    cdp.off('Network.responseReceived', note)
    cdp.off('Network.loadingFinished', end)
    paints.push(await page.evaluate<number>(inPage.firstPaint))
  }
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: false })
  return [
    {
      name: 'first load: page, scripts, styles, icon, with headers',
      value: median(sizes) / 1024,
      write: kibibytes,
      target: { atMost: 200 },
    },
    { name: '  loaded in advance, two seconds later', value: inAdvance / 1024, write: kibibytes },
    {
      name: 'first contentful paint, empty cache',
      value: median(paints),
      write: write.ms,
      remark: `worst ${write.ms(Math.max(...paints))} of ${loads}`,
      target: { atMost: 500 },
    },
  ]
}

/** From the engine's event to the changed row in the list of all. */
async function newStatus({ page }: Visitor, lab: ConsoleLab): Promise<Figure> {
  await openAll(page, lab)
  const taken: number[] = []
  for (const id of lab.running.slice(-events)) {
    const seen = page.evaluate<number>(inPage.rowChanges(id))
    const at = await lab.stop(id)
    taken.push((await seen) - at)
  }
  return {
    name: "the engine's event to the new status on the page",
    value: median(taken),
    write: write.ms,
    remark: `worst ${write.ms(Math.max(...taken))} of ${taken.length}`,
    target: { atMost: 200 },
  }
}

/** What a person does in the list of 1,000: from the press of a key or a button to the next picture. */
async function interaction({ page }: Visitor, lab: ConsoleLab): Promise<Figure[]> {
  await openAll(page, lab)
  const search = page.getByLabel('Search', { exact: true }).last()
  const acts: [name: string, act: () => Promise<void>][] = [
    ['a letter in the search', () => search.press('s')],
    ['the letter taken back', () => search.press('Backspace')],
    ['sorted by name', () => page.getByRole('button', { name: 'Name', exact: true }).click()],
    ['sorted by creation', () => page.getByRole('button', { name: 'Created' }).click()],
    ['all selected', () => page.getByLabel('Select all that are shown').click()],
    ['none selected', () => page.getByLabel('Select all that are shown').click()],
  ]
  await page.evaluate(inPage.watchInteractions)
  const longest: Record<string, number> = {}
  for (const [name, act] of acts) {
    await page.evaluate(inPage.forgetInteractions)
    await act()
    await page.waitForTimeout(300)
    longest[name] = await page.evaluate<number>(inPage.longestInteraction)
  }
  const values = Object.values(longest)
  const slowest = Object.entries(longest).find(([, ms]) => ms === Math.max(...values))?.[0]
  return [
    {
      name: 'the slowest interaction with 1,000 environments',
      value: Math.max(...values),
      write: write.ms,
      remark: `${slowest}; the browser tells it to 8 ms`,
      target: { atMost: 100 },
    },
  ]
}

/** A list of 10,000: until it is whole, and the time of scripts for that, for a scroll to its end, and for changes. */
async function longList({ page, cdp }: Visitor, lab: ConsoleLab): Promise<Figure[]> {
  await cdp.send('Performance.enable')
  const scriptMs = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0) * 1_000
  }
  const costOf = async (work: () => Promise<unknown>) => {
    const [before, since] = [await scriptMs(), performance.now()]
    await work()
    return { script: (await scriptMs()) - before, whole: performance.now() - since }
  }
  const loaded = await costOf(() => openAll(page, lab))
  const scrolled = await costOf(() => page.evaluate(inPage.scrollThrough))
  const sorted = await costOf(async () => {
    await page.getByRole('button', { name: 'Name', exact: true }).click()
    await page.locator('th[aria-sort] button', { hasText: 'Name' }).waitFor()
    await page.waitForTimeout(300)
  })
  const changes = 100
  const changed = await costOf(async () => {
    await lab.change(changes, 1_000)
    await page.waitForTimeout(300)
  })
  const row = (name: string, value: number, remark = ''): Figure => ({ name, value, write: write.ms, remark })
  return [
    row('10,000 environments: until the list is whole', loaded.whole, 'first rows far sooner'),
    row('  time of scripts for that', loaded.script),
    row('  for a scroll from its head to its end', scrolled.script, `${write.ms(scrolled.whole)} in all`),
    row('  for sorting by name', sorted.script),
    row(`  for ${changes} changes in a second`, changed.script, 'sorted by name'),
  ]
}

async function openAll(page: Page, { origin }: ConsoleLab): Promise<void> {
  await page.goto(`${origin}/console/all`)
  await page.locator('[data-whole=true]').waitFor({ timeout: 120_000 })
}
