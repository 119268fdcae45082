/** Hostile text on each page of the console, in real Chromium on the real engine: it stays text, and the pages stay whole. */
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { barriersOf, scrollersOutOfReach } from './support/axe.ts'
import { type Browser, startBrowser, type Tab } from './support/browser.ts'
import { isWhole } from './support/layout.ts'
import { project, type RunningService, startService } from './support/service.ts'
import { platformOf, setPassword, signInAs } from './support/sign-in.ts'
import { createTiny, createTinyFolder, type TinyFolder } from './support/tiny.ts'

const markup = '<img src=x onerror=alert(1)>'
const names = [markup, '☕'.repeat(100), '😀'.repeat(50), 'מחברת של مرحبا بالعالم', 'w'.repeat(100)]
const person = `${'long.'.repeat(24)}name`
const longest = 'x'.repeat(10_000)
const widths = [360, 800, 1_600]

// Colours, cursor moves, a cleared screen, a title, a bell, a link and a word of 5,000 letters.
const escapes = [
  '\x1b[31mred\x1b[0m and plain',
  '\x1b[2J\x1b[10A\x1b[1;1Hmoved',
  '\x1b]0;another title\x07\x07bell',
  '\x1b]8;;https://evil.example/\x1b\\linked\x1b]8;;\x1b\\',
  markup,
  'w'.repeat(5_000),
]

let tiny: TinyFolder
let service: RunningService
let browser: Browser
let lab: string
let tab: Tab
let failed: string
let talker: string

beforeAll(async () => {
  tiny = await createTinyFolder('console-hostile')
  await addTemplate(tiny.catalog.CATALOG_FILE)
  const env = { ...tiny.catalog, BACKUP_KEY_FILE: join(tiny.folder, 'key'), BACKUP_SCHEDULE: 'off' }
  service = await startService({ env })
  browser = await startBrowser()
  lab = platformOf(service)
  await service.call('POST', '/api/users', { body: { id: person } })
  await setPassword(service, 'admin')
  await putFiles()
  await countAll()
  const [backup, loud, broken] = await Promise.all([
    service.call('POST', '/api/admin/backups', { headers: { prefer: 'wait=55' } }),
    createTiny(service, { template: 'loud', name: 'talker', user_id: person }),
    createTiny(service, { template: 'broken', name: 'failed', user_id: 'admin' }),
    ...names.map((name) => createTiny(service, { name, user_id: 'admin' })),
  ])
  expect(backup.status).toBeLessThan(300)
  talker = loud.id
  failed = broken.id
  tab = await browser.open(`${lab}/`)
  await signInAs('admin')(tab.page)
  await tab.page.getByText('You are admin.').waitFor()
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await service?.[Symbol.asyncDispose]()
  await tiny?.[Symbol.asyncDispose]()
})

/** `loud` writes the escapes to its log. */
async function addTemplate(file: string): Promise<void> {
  const catalog = parse(await readFile(file, 'utf8'))
  const { tiny } = catalog.templates
  const [perl, option, server] = tiny.command
  const said = `$| = 1; print pack('H*', '${Buffer.from(`${escapes.join('\n')}\n`).toString('hex')}');`
  catalog.templates.loud = { ...tiny, command: [perl, option, said + server] }
  await writeFile(file, stringify(catalog))
}

async function putFiles(): Promise<void> {
  await put(`users/admin/${markup.replace('/', '')}.txt`)
  await put(`users/admin/\u202egnp.exe`)
  await put(`users/admin/${'w'.repeat(200)}/${'😀'.repeat(50)}.csv`)
  await put(`users/${person}/${'w'.repeat(200)}`)
  await put('shared/datasets/hostile/dataset.yaml', stringify({ title: markup.repeat(5), description: longest }))
}

/** Until the folder of a person is counted, their usage is a 404, of which the browser complains. */
async function countAll(): Promise<void> {
  await vi.waitFor(
    async () => {
      await service.call('POST', '/api/data/usage')
      expect((await service.call('GET', `/api/users/${person}/usage`)).status).toBe(200)
    },
    { timeout: 20_000, interval: 200 },
  )
}

/** Puts a file where a notebook would. */
async function put(path: string, content = 'text\n'): Promise<void> {
  const at = join(service.dataDir, path)
  await mkdir(dirname(at), { recursive: true })
  await writeFile(at, content)
  for (const each of [dirname(at), at]) await chown(each, 1000, 100)
}

/** The addresses of all pages: those without a parameter are found by themselves, the others need a line here. */
async function addresses(): Promise<string[]> {
  const { body } = await service.call('GET', '/api/admin/backups')
  const known: Record<string, string> = {
    '/console/environments/:id': `/console/environments/${failed}`,
    '/console/people/:id': `/console/people/${encodeURIComponent(person)}`,
    '/console/files/of': `/console/files/of/${encodeURIComponent(person)}/`,
    '/console/backups/:id': `/console/backups/${body.items[0].id}`,
  }
  const list = await readFile(join(project, 'console/src/pages.ts'), 'utf8')
  const paths = [...list.matchAll(/^ {4}path: '([^']+)'/gm)].map(([, path = '']) => path)
  expect(paths.length).toBeGreaterThan(15)
  return paths.map((path) => {
    const address = known[path] ?? path
    if (address.includes(':')) throw new Error(`Give ${path} an address here, so that this test sees it.`)
    return address
  })
}

async function settled(page: Page): Promise<void> {
  await page.getByRole('main').getByRole('heading', { level: 2 }).first().waitFor()
  await expect.poll(() => page.getByRole('main').getByRole('status', { name: 'Loading' }).count()).toBe(0)
}

/** Looks at what is open at each width. */
async function wholeAtEachWidth(page: Page): Promise<void> {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 })
    const message = `${page.url()} at ${width} px`
    await expect.poll(() => isWhole(page), { message }).toBe(true)
    expect(await scrollersOutOfReach(page), message).toEqual([])
  }
}

// Trouble (input): names of people, environments and files are markup, 100 emoji, or run from right to left
test('each page of the console shows hostile text as text, stays whole at 360, 800 and 1,600 pixels, and has no barriers in light and dark', async () => {
  const { page, complaints } = tab
  for (const address of await addresses()) {
    await page.goto(lab + address)
    await settled(page)
    expect([address, await barriersOf(page)]).toEqual([address, []])
    await wholeAtEachWidth(page)
    expect([address, await page.locator('main img').count()]).toEqual([address, 0])
  }
  await page.goto(`${lab}/console/files/data`)
  await page.getByText('\\u{202e}gnp.exe').waitFor() // as written it would look like exe.png
  expect(complaints).toEqual([])
})

/** The engine's own errors are shorter: the page is told that this one was longer. */
async function withReason(page: Page, reason: string): Promise<void> {
  const lengthen = (each: { id: string }) => (each.id === failed ? { ...each, status_reason: reason } : each)
  await page.route(/\/api\/environments(?:\?|$|\/[^/]+$)/, async (route) => {
    const response = await route.fetch()
    const body = await response.json()
    await route.fulfill({ response, json: body.items ? { ...body, items: body.items.map(lengthen) } : lengthen(body) })
  })
}

// Trouble (input): an error of 10 kB pushes everything else out of sight
test('an error of 10 kB leaves cards and its own page whole, with the rest in reach', async () => {
  const { page, complaints } = tab
  await withReason(page, `no such program: ${longest}`)
  await page.goto(`${lab}/`)
  const card = page.getByRole('article', { name: 'failed' })
  await card.getByText(/x{10000}/).waitFor()
  await wholeAtEachWidth(page)
  await page.setViewportSize({ width: 360, height: 800 })
  await expect.poll(async () => (await card.boundingBox())?.height).toBeLessThan(400)
  await page.goto(`${lab}/console/environments/${failed}`)
  await page.getByText(/x{10000}/).waitFor()
  await wholeAtEachWidth(page)
  expect(await barriersOf(page)).toEqual([])
  await page.setViewportSize({ width: 360, height: 800 })
  // The menu slides away first.
  await expect.poll(async () => (await page.getByRole('tab', { name: 'Log' }).boundingBox())?.y).toBeLessThan(800)
  await page.unrouteAll()
  expect(complaints).toEqual([])
})

// Trouble (input): a program writes escape sequences to its log
test('a log with escape sequences is shown as plain text, and changes nothing but itself', async () => {
  const { page, complaints } = tab
  await page.goto(`${lab}/console/environments/${talker}`)
  await page.getByRole('tab', { name: 'Log' }).click()
  const title = await page.title()
  const log = page.getByRole('log')
  await log.getByText('red and plain').waitFor()
  await expect.poll(() => log.textContent()).toContain('w'.repeat(5_000))
  const text = (await log.textContent()) ?? ''
  for (const shown of ['moved', 'bell', 'linked', markup]) expect(text).toContain(shown)
  expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]|\[31m|evil\.example/)
  expect(await log.locator('a, img').count()).toBe(0)
  expect(await page.title()).toBe(title)
  await wholeAtEachWidth(page)
  expect(await barriersOf(page)).toEqual([])
  expect(complaints).toEqual([])
})

// Trouble (input): somebody finds hostile names in the palette and asks to delete them
test('the palette and the questions of acts show hostile names as text, within their frame', async () => {
  const { page, complaints } = tab
  await page.goto(`${lab}/console/all`)
  await settled(page)
  await page.keyboard.press('Control+k')
  for (const words of ['delete <img', 'delete ☕', 'long.long']) {
    await page.getByPlaceholder('Search pages').fill(words)
    await page.getByRole('dialog').getByRole('option').first().waitFor()
    await wholeAtEachWidth(page)
  }
  expect(await barriersOf(page)).toEqual([])
  await page.getByPlaceholder('Search pages').fill('delete ☕')
  await page
    .getByRole('dialog')
    .getByRole('option', { name: /Delete: ☕/ })
    .click()
  await page
    .getByRole('dialog')
    .getByText(/^Delete ☕{100}\?$/)
    .waitFor()
  await wholeAtEachWidth(page)
  expect(await barriersOf(page)).toEqual([])
  await page.keyboard.press('Escape')
  expect(complaints).toEqual([])
})
