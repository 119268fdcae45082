/** What an administrator sees of the lab: the picture of the data root while its disk goes, findings, orphans, the machine. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { barriersOf } from './support/axe.ts'
import { type Browser, startBrowser, type Tab } from './support/browser.ts'
import { createDisk, type Disk } from './support/disk.ts'
import { docker } from './support/docker.ts'
import { type RunningService, startService } from './support/service.ts'
import { platformOf, setPassword, signInAs } from './support/sign-in.ts'
import { createTiny, createTinyFolder, type TinyFolder } from './support/tiny.ts'

const patience = { timeout: 20_000 }

let tiny: TinyFolder
let disk: Disk
let service: RunningService
let browser: Browser
let tab: Tab
let page: Page

beforeAll(async () => {
  tiny = await createTinyFolder('console-lab')
  const dataDir = join(tiny.folder, 'ai-lab-data')
  disk = await createDisk(dataDir, '256M')
  service = await startService({ env: { ...tiny.catalog, DATA_DIR: dataDir, PROOF_INTERVAL: '5s' } })
  browser = await startBrowser()
  await setPassword(service, 'admin')
  tab = await browser.open(`${platformOf(service)}/sign-in?next=/console/lab`)
  page = tab.page
  await signInAs('admin')(page)
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await service?.[Symbol.asyncDispose]()
  await disk?.[Symbol.asyncDispose]()
  await tiny?.[Symbol.asyncDispose]()
})

const picture = () => page.locator('svg.picture')
const headline = () => picture().getAttribute('data-headline')
const state = (part: string) => page.locator(`svg.picture [data-part=${part}]`).getAttribute('data-state')

/** Chromium complains of a health that is not well, which answers 503, and of a service that is away. */
const isOfFault = (complaint: string) => /503 \(Service Unavailable\)|net::ERR_/.test(complaint)
const complaints = () => tab.complaints.filter((each) => !isOfFault(each))

test('the picture shows a proven data root, in reach of everybody', async () => {
  await createTiny(service, { name: 'churn <img src=x onerror=alert(1)> model' })
  await expect.poll(headline, patience).toBe('proven')
  await page.getByRole('button', { name: 'Look now' }).click()
  await expect.poll(() => state('inside'), patience).toBe('proven')
  for (const part of ['identity', 'declared', 'engine', 'recorded']) expect(await state(part)).toBe('proven')
  expect(await picture().textContent()).toContain('churn <img')
  const list = page.getByRole('list', { name: 'The five parts of the proof' }).getByRole('listitem')
  expect(await list.count()).toBe(5)
  expect(await barriersOf(page)).toEqual([])
  for (const width of [360, 800, 1600]) {
    await page.setViewportSize({ width, height: 900 })
    await expect.poll(async () => (await picture().boundingBox())?.width ?? 0).toBeLessThan(width)
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
  }
})

// Trouble (mounts): the disk goes while an administrator looks at the page of the lab
test('while the disk is away its line is broken, with both paths and the command, and it heals by itself', async () => {
  await disk.unplug()
  let isBack = false
  onTestFinished(() => (isBack ? undefined : disk.mount())) // for the other tests, should this one fail
  await expect.poll(headline, patience).toBe('unproven')
  expect(await state('identity')).toBe('broken')
  expect([await state('engine'), await state('inside')]).toEqual(['unknown', 'unknown'])
  const finding = page.locator('[data-finding=data-root-missing]')
  expect(await finding.locator('dd').allTextContents()).toEqual([service.dataDir, service.dataDir])
  expect(await finding.getByLabel('To copy').textContent()).toBe(
    `echo ${service.rootId} > '${service.dataDir}/.ai-lab-root' && chown --reference='${service.dataDir}' '${service.dataDir}/.ai-lab-root'`,
  )
  await expect.poll(() => page.locator('[data-check=data_root]').textContent(), patience).toContain('not working')
  expect(await barriersOf(page)).toEqual([])
  // Another page of the console still opens: the service goes on with the files that it holds.
  await page.getByRole('link', { name: 'My environments' }).click()
  await page.getByRole('heading', { name: 'My environments' }).waitFor()
  await page.getByRole('link', { name: 'The lab at a glance' }).click()
  await expect.poll(headline, patience).toBe('unproven')

  await disk.mount()
  isBack = true
  await expect.poll(headline, patience).toBe('proven')
  await expect.poll(() => state('inside'), patience).toBe('proven')
  expect(await finding.count()).toBe(0)
})

// Trouble (mounts): the service is started again while its disk is away
test('a service that starts without its disk leaves the page as it was, and the page goes on when the disk is back', async () => {
  await service.end()
  await disk.unplug()
  let isBack = false
  onTestFinished(() => (isBack ? undefined : disk.mount()))
  await service.startAgain()
  const notice = page.getByText('The connection to the service is lost')
  await notice.waitFor()
  expect(await headline()).toBe('proven')

  await disk.mount()
  isBack = true
  await expect.poll(() => notice.count(), patience).toBe(0)
  await page.getByRole('button', { name: 'Look now' }).click()
  await expect.poll(() => state('inside'), patience).toBe('proven')
})

// Trouble (mounts): somebody replaces a folder under a running environment
test('an environment on an old folder is named first, and recreated from its finding', async () => {
  const mine = join(service.dataDir, 'users/admin')
  await rename(mine, `${mine}-away`)
  await mkdir(mine)
  await writeFile(join(mine, 'new.txt'), 'new')
  await docker('run', '--rm', '-v', `${mine}:/mine`, 'debian:trixie-slim', 'chown', '-R', '1000:100', '/mine')
  await expect.poll(headline, patience).toBe('degraded')
  expect(await state('inside')).toBe('broken')
  const finding = page.locator('[data-finding=stale-mount]')
  expect(await finding.getByLabel('To copy').textContent()).toContain('/recreate')
  await finding.getByRole('button', { name: 'Recreate' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Recreate' }).click()
  await expect.poll(headline, { timeout: 40_000 }).toBe('proven')
})

test('a container without a record is adopted, for a person whom its labels do not name', async () => {
  await service.call('POST', '/api/users', { body: { id: 'bob@lab' } })
  const name = 'ai-lab-tiny-lost00'
  await docker(
    ...['run', '--detach', '--name', name, '--label', `ai-lab.environment=${name}`],
    ...['--label', `ai-lab.root=${service.rootId}`, 'debian:trixie-slim', 'sleep', 'infinity'],
  )
  try {
    await page.reload()
    await page.getByRole('button', { name: `Adopt: ${name}` }).click()
    const dialogue = page.getByRole('dialog')
    await dialogue.getByLabel('Owner').fill('bob@lab')
    await dialogue.getByLabel('Template').fill('tiny')
    expect(await barriersOf(page)).toEqual([])
    await dialogue.getByRole('button', { name: 'Adopt' }).click()
    // Other labs of this engine may have containers too, which this lab cannot adopt.
    await expect.poll(() => page.locator(`[data-orphan=${name}]`).count(), patience).toBe(0)
    expect((await service.call('GET', `/api/environments/${name}`)).body.user_id).toBe('bob@lab')
  } finally {
    await docker('rm', '--force', name)
  }
})

test('the machine is plotted with what there is of it', async () => {
  const machine = page.getByRole('region', { name: 'The machine' })
  for (const name of [/^Memory: .*\/.*/, /^Processor: .* %/, /^Disk of the data root: .*\/.*/, /running.*waiting/])
    await machine.getByRole('region', { name }).locator('svg').first().waitFor()
  await machine.getByText('24 hours').click()
  await machine.getByText('all there is').first().waitFor()
  expect(complaints()).toEqual([])
})
