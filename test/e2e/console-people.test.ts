/** An administrator at the console: people, their sessions, and everybody's environments, in real Chromium on the real engine. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { barriersOf } from './support/axe.ts'
import { type Browser, startBrowser, type Tab } from './support/browser.ts'
import { type RunningService, startService } from './support/service.ts'
import { platformOf, setPassword, signInAs } from './support/sign-in.ts'
import { createTiny, createTinyFolder, type TinyFolder } from './support/tiny.ts'

let tiny: TinyFolder
let service: RunningService
let browser: Browser
let lab: string
let admin: Tab

beforeAll(async () => {
  tiny = await createTinyFolder('console-people')
  service = await startService({ env: tiny.catalog })
  browser = await startBrowser()
  lab = platformOf(service)
  await setPassword(service, 'admin')
  admin = await openAs('admin', '/console/people')
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await service?.[Symbol.asyncDispose]()
  await tiny?.[Symbol.asyncDispose]()
})

async function openAs(id: string, path: string): Promise<Tab> {
  const tab = await browser.open(`${lab}/sign-in?next=${encodeURIComponent(path)}`)
  await signInAs(id)(tab.page)
  await tab.page.getByText(`You are ${id}.`, { exact: true }).waitFor()
  return tab
}

async function addPerson(id: string): Promise<void> {
  await service.call('POST', '/api/users', { body: { id } })
  await setPassword(service, id)
}

/** What the browser says of requests that the service refuses because the session is over. */
const unexpected = (complaints: readonly string[]) => complaints.filter((each) => !each.includes('status of 401'))

async function choose(page: Page, id: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `More actions: ${id}` }).click()
  await page.getByRole('menuitem', { name: item, exact: true }).click()
}

test('an administrator adds a person, who signs in by the link; disabled, the person hears of it at once and loses nothing typed', async () => {
  const { page, complaints } = admin
  await page.getByRole('button', { name: 'Add a person' }).click()
  await page.getByLabel('User id').fill('anna@lab')
  expect(await barriersOf(page)).toEqual([])
  await page.getByRole('button', { name: 'Add, and make a link' }).click()
  const link = await page.getByRole('group', { name: 'The link' }).textContent()
  expect(link).toMatch(/\/sign-in\/link\//)
  expect(await barriersOf(page)).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()

  const anna = await browser.open((link ?? '').replace('127.0.0.1', 'localhost'))
  await anna.page.getByLabel('Choose a password').fill('a long enough password')
  await anna.page.getByRole('button', { name: 'Sign in' }).click()
  await anna.page.getByText('You are anna@lab.').waitFor()
  await anna.page.goto(`${lab}/console/create`)
  await anna.page.getByLabel('Name').fill('half written')

  await choose(page, 'anna@lab', 'Role and tier')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).waitFor()
  expect(await barriersOf(page)).toEqual([])
  await page.keyboard.press('Escape')
  await choose(page, 'anna@lab', 'Disable')
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).waitFor()
  expect(await barriersOf(page)).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
  await page.getByText('Disabled', { exact: true }).waitFor()
  await anna.page.getByText('Your session has ended').waitFor({ timeout: 5_000 })
  expect(await barriersOf(anna.page)).toEqual([])
  expect(await anna.page.getByLabel('Name').inputValue()).toBe('half written')
  expect([unexpected(anna.complaints), complaints]).toEqual([[], []])
})

// Trouble (browser): an administrator closes the form before the answer, and does not know that the person was added
test('an administrator who closes the form before the answer hears that the person was added', async () => {
  const { page } = admin
  const { promise: isLet, resolve: letThrough } = Promise.withResolvers<void>()
  await page.route('**/api/users', (route) => isLet.then(() => route.continue()), { times: 1 })
  await page.getByRole('button', { name: 'Add a person' }).click()
  await page.getByLabel('User id').fill('gina@lab')
  await Promise.all([
    page.waitForRequest((request) => request.method() === 'POST'),
    page.getByRole('button', { name: 'Add, and make a link' }).click(),
  ])
  await page.keyboard.press('Escape')
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  letThrough()
  await page.getByText('gina@lab is added.').waitFor()
})

test('somebody who signs another window out sees it end there at once, and goes on there after a new sign-in', async () => {
  await addPerson('ben@lab')
  const here = await openAs('ben@lab', '/console/account')
  const there = await openAs('ben@lab', '/console/create')
  await there.page.getByLabel('Name').fill('half written')
  await here.page.reload()
  await here.page.getByRole('button', { name: 'Sign out there' }).click()
  await there.page.getByText('Your session has ended').waitFor({ timeout: 5_000 })

  const [again] = await Promise.all([
    there.page.context().waitForEvent('page'),
    there.page.getByRole('link', { name: 'Sign in in a new tab' }).click(),
  ])
  await signInAs('ben@lab')(again)
  await again.getByText('You are ben@lab.', { exact: true }).waitFor()
  await there.page.getByRole('button', { name: 'Go on here' }).click()
  await there.page.getByText('Your session has ended').waitFor({ state: 'hidden' })
  expect(await there.page.getByLabel('Name').inputValue()).toBe('half written')
  expect([here.complaints, unexpected(there.complaints)]).toEqual([[], []])
})

// Trouble: Two people share a browser, and one gets the other's open page, half written words and new token.
test('another person who signs in in the same browser gets a page of their own, with nothing of the person before', async () => {
  for (const id of ['dora@lab', 'emil@lab']) await addPerson(id)
  const { page, complaints } = await openAs('dora@lab', '/console/create')
  const other = await page.context().newPage()
  const half = async () => {
    await page.getByLabel('Name').fill('half written')
  }
  await half()
  const signIn = async (id: string, next: string) => {
    await other.context().clearCookies()
    await other.goto(`${lab}/sign-in?next=${encodeURIComponent(next)}`)
    await signInAs(id)(other)
  }

  await signIn('emil@lab', '/docs') // no page of the console: nothing tells the first page
  await other.waitForURL(`${lab}/docs`)
  await page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")
  await page.getByText('You are emil@lab.', { exact: true }).waitFor()
  await page.getByText('You are dora@lab.').waitFor({ state: 'hidden' })
  expect(await page.getByLabel('Name').inputValue()).toBe('')

  await half()
  await signIn('dora@lab', '/') // a page of the console tells all others at once
  await page.getByText('You are dora@lab.', { exact: true }).waitFor()
  expect(await page.getByLabel('Name').inputValue()).toBe('')

  await half()
  await signIn('emil@lab', '/docs')
  await other.waitForURL(`${lab}/docs`)
  await page.getByRole('button', { name: 'Create', exact: true }).click() // nothing has told this page yet
  await page.getByText('You are emil@lab.', { exact: true }).waitFor()
  expect(await page.getByLabel('Name').inputValue()).toBe('')
  const { body } = await service.call('GET', '/api/environments')
  expect(body.items.filter(({ user_id: owner }: { user_id: string }) => owner.startsWith('emil'))).toEqual([])
  expect(unexpected(complaints)).toEqual([expect.stringContaining('status of 403')]) // the call for dora
})

// Trouble (files): two people share a browser, and an upload of the first goes on with the session of the second
test.each([
  ['has not begun', 'POST'],
  ['has broken off', 'PATCH'],
] as const)('an upload that %s does not go on for another person, who gets a page of their own', async (_, cut) => {
  const [first, second] = [`first-${cut.toLowerCase()}@lab`, `second-${cut.toLowerCase()}@lab`]
  for (const id of [first, second]) {
    await addPerson(id)
    await service.call('POST', `/api/users/${id}/files/thesis`, { body: { op: 'make-folder' } })
  }
  const { page } = await openAs(first, '/console/files/data/thesis')
  const other = await page.context().newPage()
  const ofUploads = '**/api/uploads**'
  await page.route(ofUploads, (route) => (route.request().method() === cut ? route.abort() : route.continue()))
  const chosen = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Files …' }).click()
  await (await chosen).setFiles({ name: 'big.bin', mimeType: '', buffer: Buffer.alloc(2 * 2 ** 20) })
  await page.locator('[data-upload="big.bin"][data-state="trying"]').waitFor()
  await other.context().clearCookies()
  await other.goto(`${lab}/sign-in?next=/docs`)
  await signInAs(second)(other)
  await other.waitForURL(`${lab}/docs`)
  await page.unroute(ofUploads)
  await page.getByText(`You are ${second}.`, { exact: true }).waitFor()
  expect(await page.locator('[data-upload]').count()).toBe(0)
  for (const id of [first, second]) {
    const { body } = await service.call('GET', `/api/users/${id}/files/thesis`)
    expect(body.items.map(({ name }: { name: string }) => name)).not.toContain('big.bin')
  }
})

test('an administrator ends a session of a person and revokes a token, on that person’s page', async () => {
  await addPerson('carla@lab')
  await service.call('POST', '/api/tokens', { body: { user_id: 'carla@lab', name: 'laptop' } })
  await createTiny(service, { user_id: 'carla@lab' })
  await service.call('POST', '/api/data/usage')
  const counted = () => service.call('GET', '/api/users/carla@lab/usage')
  await expect.poll(async () => (await counted()).status, { timeout: 20_000 }).toBe(200)
  const carla = await openAs('carla@lab', '/')
  const { page, complaints } = admin
  await page.goto(`${lab}/console/people/carla@lab`)
  await page.getByRole('button', { name: /^Sign out there/ }).click()
  await carla.page.getByText('Your session has ended').waitFor({ timeout: 5_000 })
  await page.getByText('This person is signed in nowhere.').waitFor()
  await page.getByRole('button', { name: 'Revoke: laptop' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('This person has no tokens.').waitFor()
  expect(await barriersOf(page)).toEqual([])
  expect([unexpected(carla.complaints), complaints]).toEqual([[], []])
})

test('the last administrator stays, and names of others are shown as text', async () => {
  await addPerson('dora@lab')
  const name = '<img src=x onerror="document.title=1"> 😀😀😀 آخر'
  const { id } = await createTiny(service, { user_id: 'dora@lab', name })
  const { page, complaints } = admin
  await page.goto(`${lab}/console/people`)
  await page
    .getByRole('row', { name: /dora@lab/ })
    .getByRole('link', { name: '1' })
    .waitFor()
  await page.getByRole('button', { name: 'More actions: admin' }).click()
  await page
    .getByRole('menuitem', { name: /^Disable/, disabled: true })
    .getByText('This is the last administrator.')
    .waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => page.getByRole('menu').count()).toBe(0)
  expect(await barriersOf(page)).toEqual([])
  await page.goto(`${lab}/console/all?text=${encodeURIComponent('onerror')}`)
  await page.getByRole('link', { name: /<img src=x/ }).waitFor()
  await service.call('DELETE', `/api/environments/${id}`)
  await page.getByText('No environment fits this.').or(page.getByText('Nobody has an environment yet.')).waitFor()
  expect(complaints).toEqual([])
})

test('a person is deleted with their environments; their folder goes to the trash, and comes back from there', async () => {
  await addPerson('edda@lab')
  await createTiny(service, { user_id: 'edda@lab', name: 'edda 1' })
  await service.call('POST', '/api/users/edda@lab/files/letters', { body: { op: 'make-folder' } })
  const { page, complaints } = admin
  await page.goto(`${lab}/console/people`)
  await page
    .getByRole('row', { name: /edda@lab/ })
    .getByRole('link', { name: '1' })
    .waitFor()
  await choose(page, 'edda@lab', 'Delete')
  const dialog = page.getByRole('dialog')
  const doIt = dialog.getByRole('button', { name: 'Delete', exact: true })
  await expect.poll(() => doIt.isDisabled()).toBe(true)
  await dialog.getByLabel('Delete their environment too').check()
  await dialog.getByLabel('It goes to the trash').check()
  await dialog.getByText('The account is disabled at once').waitFor()
  expect(await barriersOf(page)).toEqual([])
  await doIt.click()

  const job = page.getByRole('article', { name: 'Delete edda@lab' })
  await job
    .getByText('1 environment is deleted. What was in their folder is in the trash.')
    .waitFor({ timeout: 60_000 })
  expect((await service.call('GET', '/api/users/edda@lab')).status).toBe(404)
  await job.getByRole('link', { name: 'Look into the trash' }).click()
  const row = page.getByRole('row', { name: /The whole folder/ })
  await row.getByRole('button', { name: 'Restore' }).click()
  await dialog.getByText('Restore The whole folder').waitFor()
  expect(await barriersOf(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Restore', exact: true }).click()
  await page.getByText('The whole folder is back.').waitFor()
  const { body } = await service.call('GET', '/api/trash?user_id=edda@lab')
  expect(body.items).toEqual([])
  await service.call('POST', '/api/users', { body: { id: 'edda@lab' } })
  const { body: listed } = await service.call('GET', '/api/users/edda@lab/files')
  expect(listed.items.map(({ name }: { name: string }) => name)).toContain('letters')
  expect(complaints).toEqual([])
})

test('an administrator stops three environments of two people with one question, and deletes them from the command palette and the list', async () => {
  await addPerson('emil@lab')
  await addPerson('frida@lab')
  const wishes = [
    { user_id: 'emil@lab', name: 'many 1' },
    { user_id: 'emil@lab', name: 'many 2' },
    { user_id: 'frida@lab', name: 'many 3' },
  ]
  await Promise.all(wishes.map((wish) => createTiny(service, wish)))
  const { page, complaints } = admin
  await page.goto(`${lab}/console/all`)
  await page.getByRole('row').nth(3).waitFor()
  await page.getByRole('main').getByLabel('Search', { exact: true }).fill('many')
  await page.getByText('3 of').waitFor()
  await page.getByLabel('Select all that are shown').click()
  await page.getByText('3 selected').waitFor()
  expect(await barriersOf(page)).toEqual([])

  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Stop 3 environments?').waitFor()
  expect(await dialog.textContent()).toMatch(/emil@lab and frida@lab|frida@lab and emil@lab/)
  expect(await barriersOf(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Stop', exact: true }).click()
  await page.getByText('all 3 requested').waitFor()
  expect(await barriersOf(page)).toEqual([])
  await expect.poll(() => page.locator('tr [data-status=exited]').count(), { timeout: 20_000 }).toBe(3)
  await page.getByRole('button', { name: 'Close' }).click()

  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Search pages').fill('delete many 2')
  await page.getByText('Delete: many 2').waitFor()
  expect(await barriersOf(page)).toEqual([])
  await page.keyboard.press('Enter')
  await dialog.getByText('Delete many 2?').waitFor()
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('2 of').waitFor()
  await page.getByLabel('Select all that are shown').click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect.poll(() => page.locator('tr[data-row]').count(), { timeout: 20_000 }).toBe(0)
  expect(complaints).toEqual([])
})

// Trouble (browser): somebody types what to look for before the page knows of it
test('Enter takes a line of the palette that came after the letters were typed', async () => {
  const { page, complaints } = admin
  await page.goto(`${lab}/console/all`)
  await page.getByRole('heading', { name: 'All environments' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Search pages').fill('late one')
  await page.getByRole('dialog').getByText('Nothing found').waitFor()
  const { id } = await createTiny(service, { name: 'late one' })
  await page.getByRole('option', { name: /late one/, selected: true }).waitFor()
  expect(await barriersOf(page)).toEqual([])
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'late one' }).waitFor()
  await service.call('DELETE', `/api/environments/${id}`)
  expect(complaints).toEqual([])
})
