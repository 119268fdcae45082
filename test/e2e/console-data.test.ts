/** The console's pages of data, in real Chromium: datasets, usage, backups and jobs, with real backups. */
import { createHash, randomBytes } from 'node:crypto'
import { chown, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { barriersOf } from './support/axe.ts'
import { type Browser, startBrowser, type Tab } from './support/browser.ts'
import { type RunningService, startService } from './support/service.ts'
import { platformOf, setPassword, signInAs } from './support/sign-in.ts'
import { createTinyFolder, type TinyFolder } from './support/tiny.ts'

const person = 'demo@ailab.com'
const own = `users/${person}`
const letter = randomBytes(100_000)

let tiny: TinyFolder
let service: RunningService
let browser: Browser
let lab: string
const tabs: Tab[] = []

beforeAll(async () => {
  tiny = await createTinyFolder('console-data')
  const key = join(tiny.folder, 'key')
  // At three o'clock the schedule would make a backup of its own.
  service = await startService({ env: { ...tiny.catalog, BACKUP_KEY_FILE: key, BACKUP_SCHEDULE: 'off' } })
  browser = await startBrowser()
  lab = platformOf(service)
  await service.call('POST', '/api/users', { body: { id: person } })
  for (const id of [person, 'admin']) await setPassword(service, id)
  await put('shared/datasets/rain/2025.csv', 'day,rain\n')
  await put(
    'shared/datasets/rain/dataset.yaml',
    `title: Rain in the north\nchecksums: {2025.csv: ${sumOf('day,rain\n')}}\n`,
  )
  await putMany('shared/datasets/scans', 1_000)
  await put(`${own}/letters/to the lab.txt`, letter)
  await put(`${own}/models/large.bin`, randomBytes(12_000_000))
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await service?.[Symbol.asyncDispose]()
  await tiny?.[Symbol.asyncDispose]()
})

const sumOf = (text: string) => createHash('sha256').update(text).digest('hex')
const at = (path: string) => join(service.dataDir, path)

/** Puts a file where a notebook would. */
async function put(path: string, content: Buffer | string): Promise<void> {
  const folders = path.split('/').slice(0, -1)
  await mkdir(dirname(at(path)), { recursive: true })
  await writeFile(at(path), content)
  for (const depth of folders.keys()) if (depth > 0) await chown(at(folders.slice(0, depth + 1).join('/')), 1000, 100)
  await chown(at(path), 1000, 100)
}

/** Files enough that a copy of them takes seconds. */
async function putMany(folder: string, count: number): Promise<void> {
  await put(`${folder}/0`, randomBytes(128 * 1024))
  for (let name = 1; name < count; name += 1) await link(at(`${folder}/0`), at(`${folder}/${name}`))
}

async function signedIn(id: string, path: string): Promise<Page> {
  const tab = await browser.open(`${lab}${path}`)
  tabs.push(tab)
  await signInAs(id)(tab.page)
  await tab.page.getByText(`You are ${id}.`).waitFor()
  return tab.page
}

const complaints = () => tabs.flatMap((tab) => tab.complaints)
const exists = (path: string) =>
  stat(at(path)).then(
    () => true,
    () => false,
  )

/** What stands out of a narrow page at its right, unless it scrolls by itself. */
const tooWide = (page: Page) =>
  page.evaluate<string[]>(`[...document.querySelectorAll('main *')]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest('table, .mantine-ScrollArea-root, svg'))
    .map((each) => each.outerHTML.slice(0, 200))`)

async function copy(page: Page, title: string, to: string): Promise<void> {
  await page.getByRole('button', { name: `Copy to my data: ${title}` }).click()
  await page.getByLabel('Folder in your data').fill(to)
  await page.getByRole('button', { name: 'Copy', exact: true }).click()
}

test('a person verifies a dataset, copies one while its progress shows, and cancels another copy', async () => {
  const page = await signedIn(person, '/console/datasets')
  const rain = page.getByRole('article', { name: 'Rain in the north' })
  await rain.getByRole('button', { name: 'Verify' }).click()
  await rain.getByText('1 file as published, verified').waitFor()
  const ofAnother = await signedIn('admin', '/console/datasets')
  await ofAnother.getByText('1 file as published, verified').waitFor()

  const scans = page.getByRole('article', { name: 'scans' })
  await page.getByRole('button', { name: 'Copy to my data: scans' }).click()
  await page.getByLabel('Folder in your data').waitFor()
  expect(await barriersOf(page)).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await copy(page, 'scans', 'my/scans')
  await scans.getByRole('progressbar').waitFor()
  await scans.getByRole('link', { name: 'my/scans' }).waitFor({ timeout: 60_000 })
  expect(await exists(`${own}/my/scans/999`)).toBe(true)

  await copy(page, 'scans', 'again')
  await scans.getByRole('button', { name: 'Cancel: Copy' }).click()
  await expect.poll(() => scans.getByRole('progressbar').count()).toBe(0)
  expect(await exists(`${own}/again`)).toBe(false)
  expect(await barriersOf(page)).toEqual([])

  await page.getByRole('navigation').getByRole('link', { name: 'Jobs' }).click()
  const jobs = page.getByRole('article', { name: 'Copy shared/datasets/scans to' })
  await expect.poll(() => jobs.locator('[data-job-status]').allTextContents()).toEqual(['Cancelled', 'Done'])
  expect(await barriersOf(page)).toEqual([])
  expect(complaints()).toEqual([])
})

test('a dataset that says hostile things of itself is shown as text, in its place', async () => {
  const title = `<img src=x onerror="alert(1)"> ${'🦊'.repeat(100)} \u202egnorts`
  const facts = { title, description: 'x'.repeat(10_000), licence: 'y'.repeat(900), source: 'javascript:alert(1)' }
  await put('shared/datasets/hostile/dataset.yaml', JSON.stringify(facts))
  await put('shared/datasets/broken/dataset.yaml', `title: [${'z'.repeat(3_000)}`)
  const page = await signedIn(person, '/console/datasets')
  await page.getByRole('heading', { name: '<img src=x onerror="alert(1)">' }).waitFor()
  await page.getByText('dataset.yaml cannot be read').waitFor()
  expect(await page.locator('main img, main a[href^="javascript"]').count()).toBe(0)
  for (const width of [360, 800, 1600]) {
    await page.setViewportSize({ width, height: 740 })
    await expect.poll(() => tooWide(page)).toEqual([])
  }
  expect(await barriersOf(page)).toEqual([])
  expect(complaints()).toEqual([])
})

test('an administrator counts now, and people see what their folders hold', async () => {
  const admin = await signedIn('admin', '/console/usage')
  await admin.getByRole('button', { name: 'Count now' }).click()
  await admin.getByRole('link', { name: own }).first().waitFor()
  expect(await barriersOf(admin)).toEqual([])
  await admin.getByRole('row', { name: own }).getByRole('link').click()
  await admin.getByRole('region', { name: own }).getByRole('row', { name: 'models' }).waitFor()

  const page = await signedIn(person, '/console/usage')
  await page.getByRole('figure', { name: 'Picture of the biggest folders' }).waitFor()
  expect(await page.getByRole('row', { name: 'models' }).textContent()).toContain('11.4 MiB')
  expect(await barriersOf(page)).toEqual([])
  expect(complaints()).toEqual([])
})

test('a backup is made, a file is lost, and the page brings it back from the backup as it was', async () => {
  const admin = await signedIn('admin', '/console/backups')
  await admin.getByText('There is no backup yet').waitFor()
  await admin.getByRole('button', { name: 'Back up now' }).click()
  await admin.getByRole('dialog').getByRole('button', { name: 'Back up now' }).click()
  await admin.locator('[data-entry="backup"][data-state="good"]').waitFor({ timeout: 120_000 })
  expect(await barriersOf(admin)).toEqual([])

  await rm(at(`${own}/letters/to the lab.txt`))
  const page = await signedIn(person, '/console/backups')
  await page.getByRole('link', { name: 'Look inside' }).click()
  await page.getByRole('link', { name: 'letters' }).click()
  const coming = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download: to the lab.txt' }).click()
  const download = await coming
  expect(download.suggestedFilename()).toBe('to the lab.txt')
  expect(letter.equals(await readFile(await download.path()))).toBe(true)
  await page.getByRole('button', { name: 'Restore: to the lab.txt' }).click()
  await page.getByLabel('Where it was').waitFor()
  expect(await barriersOf(page)).toEqual([])
  await page.getByLabel('Where it was').check()
  await page.getByRole('button', { name: 'Restore', exact: true }).click()
  await page.getByText('1 entry is back in').waitFor({ timeout: 60_000 })
  expect(letter.equals(await readFile(at(`${own}/letters/to the lab.txt`)))).toBe(true)
  expect(await barriersOf(page)).toEqual([])

  await page.setViewportSize({ width: 360, height: 740 })
  await expect.poll(() => tooWide(page)).toEqual([])
  expect(complaints()).toEqual([])
})
