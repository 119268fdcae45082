/** A person at the console: environments that start at once, in real Chromium on the real engine. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { barriersOf } from './support/axe.ts'
import { type Browser, startBrowser, type Tab } from './support/browser.ts'
import { type RunningService, startService } from './support/service.ts'
import { platformOf, setPassword, signInAs } from './support/sign-in.ts'
import { createTinyFolder, type TinyFolder } from './support/tiny.ts'

let tiny: TinyFolder
let service: RunningService
let browser: Browser
let lab: string
const tabs: Tab[] = []

beforeAll(async () => {
  tiny = await createTinyFolder('console')
  service = await startService({ env: tiny.catalog })
  browser = await startBrowser()
  lab = platformOf(service)
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await service?.[Symbol.asyncDispose]()
  await tiny?.[Symbol.asyncDispose]()
})

// What happens to the service in the next test is not for this page.
afterEach(async () => {
  await tabs.at(-1)?.page.context().close()
})

/** A new person, signed in at the console. */
async function personAt(id: string): Promise<Page> {
  await service.call('POST', '/api/users', { body: { id } })
  await setPassword(service, id)
  const tab = await browser.open(`${lab}/`)
  tabs.push(tab)
  await signInAs(id)(tab.page)
  await tab.page.getByRole('heading', { name: 'My environments' }).waitFor()
  return tab.page
}

async function created(userId: string, name: string, template = 'tiny'): Promise<string> {
  const body = { template, name, user_id: userId }
  const answer = await service.call('POST', '/api/environments', { body, headers: { prefer: 'wait=30' } })
  return answer.body.id
}

const card = (page: Page, name: string) => page.getByRole('article', { name })
const status = (page: Page, name: string) => card(page, name).locator('[data-status]')

/** Presses a button of the menu behind the three dots. */
async function choose(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `More actions: ${name}` }).click()
  await page.getByRole('menuitem', { name: item, exact: true }).click()
  await expect.poll(() => page.getByRole('menu').count()).toBe(0)
}

test('a person makes their first environment, pauses, resumes, stops, renames and deletes it', async () => {
  const page = await personAt('first@lab')
  await page.getByText('You have no environment yet').waitFor()
  expect(await barriersOf(page)).toEqual([])
  await page.getByRole('main').getByRole('link', { name: 'New environment' }).click()
  await page.getByRole('radio', { name: 'tiny' }).click()
  await page.getByLabel('Name').fill('churn')
  expect(await barriersOf(page)).toEqual([])
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByText('Running').waitFor()
  await choose(page, 'churn', 'Pause')
  await page.getByText('Paused').waitFor()
  await page.getByRole('button', { name: 'Resume: churn' }).click()
  await page.getByText('Running').waitFor()
  expect(await barriersOf(page)).toEqual([])

  await page.getByRole('link', { name: '← My environments' }).click()
  await choose(page, 'churn', 'Stop')
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click()
  await status(page, 'churn').getByText('Stopped').waitFor()
  await choose(page, 'churn', 'Rename')
  await page.getByRole('dialog').getByLabel('Name').fill('<img src=x onerror=alert(1)>')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await card(page, '<img src=x onerror=alert(1)>').waitFor()
  await choose(page, '<img src=x onerror=alert(1)>', 'Delete')
  expect(await barriersOf(page)).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('You have no environment yet').waitFor()
})

test('the list follows what happens elsewhere, without asking', async () => {
  const page = await personAt('live@lab')
  await page.locator('[data-connection=live]').waitFor()
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  const id = await created('live@lab', 'from elsewhere')
  await status(page, 'from elsewhere').getByText('Running').waitFor()
  await service.call('POST', `/api/environments/${id}/stop`)
  await status(page, 'from elsewhere').getByText('Stopped').waitFor()
  await service.call('DELETE', `/api/environments/${id}`)
  await page.getByText('You have no environment yet').waitFor()
  // Of the new one its progress and its openings are asked once; no list is asked again.
  expect(asked.filter((path) => path.startsWith('/api/') && !path.startsWith(`/api/environments/${id}/`))).toEqual([])
})

// Trouble (authority): an administrator looks into somebody's notebook, and its owner has to ask an API to know
test('a person reads on the first page which administrator opened their environment, and when', async () => {
  const page = await personAt('watched@lab')
  const id = await created('watched@lab', 'watched')
  await card(page, 'watched').waitFor()
  expect(await page.getByText('an administrator, opened it').count()).toBe(0)
  await fetch(`${service.gatewayUrl}/env/${id}/`, { headers: { authorization: `Bearer ${service.adminToken}` } })
  await page.reload()
  await card(page, 'watched').getByText('admin, an administrator, opened it').waitFor()
})

test('a failure shows its reason, and a start goes on from there', async () => {
  const page = await personAt('failing@lab')
  await created('failing@lab', 'broken one', 'broken')
  await status(page, 'broken one').getByText('Failed').waitFor()
  await card(page, 'broken one').getByText('/no/such/program').waitFor()
  expect(await barriersOf(page)).toEqual([])
  await card(page, 'broken one').getByRole('button', { name: 'Start: broken one' }).click()
  await status(page, 'broken one').getByText('Failed').waitFor()
})

test('a person does all of it by keyboard alone', async () => {
  const page = await personAt('keys@lab')
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  await press('Control+k')
  await page.getByPlaceholder('Search pages').waitFor()
  await page.keyboard.type('new env')
  await press('Enter')
  await page.getByRole('heading', { name: 'New environment' }).waitFor()
  await page.keyboard.press('Tab')
  await page.getByLabel('Name').focus()
  await page.keyboard.type('by keys')
  await press('Enter')
  await page.getByText('Failed').or(page.getByText('Running')).waitFor()
  await page.getByRole('button', { name: 'More actions: by keys' }).focus()
  await press('Enter')
  await page.getByRole('menuitem').first().waitFor()
  await press('ArrowDown', 'Escape')
  await page.getByRole('button', { name: 'More actions: by keys' }).waitFor()
})

test('names of any kind are text, and keep the layout whole at 360 pixels', async () => {
  const page = await personAt('names@lab')
  const names = ['<img src=x onerror=alert(1)>', '😀'.repeat(50), 'مرحبا بالعالم', 'w'.repeat(100), "'; drop table --"]
  for (const name of names)
    await service.call('POST', '/api/environments', { body: { template: 'tiny', name, user_id: 'names@lab' } })
  for (const name of names) await card(page, name).waitFor()
  for (const width of [360, 800, 1_600]) {
    await page.setViewportSize({ width, height: 800 })
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  }
  expect(await page.locator('main img').count()).toBe(0)
})

test('the service is restarted under an open page: it says so, keeps what was typed, and goes on by itself', async () => {
  const page = await personAt('away@lab')
  await page.locator('[data-connection=live]').waitFor()
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'New environment' }).click()
  await page.getByLabel('Name').fill('half typed')
  await service.end('SIGKILL')
  await page.getByText('The connection to the service is lost.').waitFor()
  await service.startAgain()
  await page.locator('[data-connection=live]').waitFor()
  expect(await page.getByLabel('Name').inputValue()).toBe('half typed')
  tabs.at(-1)?.complaints.splice(0) // the browser's own words about the broken connection
})

test('a session that is ended elsewhere ends here at once, and whoever signs in again goes on', async () => {
  const page = await personAt('ended@lab')
  await page.locator('[data-connection=live]').waitFor()
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'New environment' }).click()
  await page.getByLabel('Name').fill('half typed')
  const { body } = await service.call('GET', '/api/sessions?user_id=ended@lab')
  await service.call('DELETE', `/api/sessions/${body.items[0].id}`)
  await page.getByText('Your session has ended').waitFor()
  expect(await barriersOf(page)).toEqual([])
  await page.getByRole('button', { name: 'Go on here' }).click()
  await page.getByText('You are not signed in yet.').waitFor()
  const [tab] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('link', { name: 'Sign in in a new tab' }).click(),
  ])
  await signInAs('ended@lab')(tab)
  await tab.getByRole('heading', { name: 'My environments' }).waitFor()
  await page.getByRole('button', { name: 'Go on here' }).click()
  await page.getByText('Your session has ended').waitFor({ state: 'hidden' })
  expect(await page.getByLabel('Name').inputValue()).toBe('half typed')
  tabs.at(-1)?.complaints.splice(0) // the 401s of an ended session
})

test('on the account page a person makes a token, uses it, and revokes it', async () => {
  const page = await personAt('tokens@lab')
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Account' }).click()
  const form = page.getByRole('form', { name: 'Make a token' })
  await form.getByLabel('Name').fill('laptop')
  await form.getByRole('button', { name: 'Make a token' }).click()
  const token = (await page.getByRole('group', { name: 'Your new token' }).textContent()) ?? ''
  expect((await service.call('GET', '/api/me', { token })).body.user_id).toBe('tokens@lab')
  expect(await barriersOf(page)).toEqual([])
  await page.getByRole('button', { name: 'Revoke: laptop' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('You have no tokens.').waitFor()
  expect((await service.call('GET', '/api/me', { token })).status).toBe(401)
})

test('no page asked another host for anything, and the policy had nothing to report', async () => {
  const origins = new Set(tabs.flatMap(({ requests }) => requests.map((url) => new URL(url).origin)))
  expect([...origins]).toEqual([lab])
  expect(tabs.flatMap(({ complaints }) => complaints)).toEqual([])
})
