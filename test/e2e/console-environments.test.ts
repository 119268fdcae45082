/** A person at the console: environments that start at once, in real Chromium on the real engine. */
import { readFile, writeFile } from 'node:fs/promises'
import type { Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { type Registry, startRegistry } from '../support/registry.ts'
import { barriersOf } from './support/axe.ts'
import { type Browser, startBrowser, type Tab } from './support/browser.ts'
import { docker } from './support/docker.ts'
import { type RunningService, startService } from './support/service.ts'
import { platformOf, setPassword, signInAs } from './support/sign-in.ts'
import { createTinyFolder, type TinyFolder } from './support/tiny.ts'

let tiny: TinyFolder
let registry: Registry
let absentImage: string
let service: RunningService
let browser: Browser
let lab: string
const tabs: Tab[] = []

beforeAll(async () => {
  tiny = await createTinyFolder('console')
  registry = await startRegistry()
  absentImage = `127.0.0.1:${registry.port}/ai-lab-test-absent:1`
  await addTemplate('absent', { image: absentImage })
  service = await startService({ env: tiny.catalog })
  browser = await startBrowser()
  lab = platformOf(service)
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await service?.[Symbol.asyncDispose]()
  await registry?.[Symbol.asyncDispose]()
  await tiny?.[Symbol.asyncDispose]()
})

/** A template like `tiny` with these differences. */
async function addTemplate(name: string, differences: object): Promise<void> {
  const file = tiny.catalog.CATALOG_FILE
  const catalog = parse(await readFile(file, 'utf8'))
  catalog.templates[name] = { ...catalog.templates.tiny, ...differences }
  await writeFile(file, stringify(catalog))
}

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
  expect(await barriersOf(page)).toEqual([])
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

// Trouble (browser): an image cannot be had, and a person sees only that nothing starts
test('an image that the registry does not have: the page tells before the creation, says why it failed, and recreate helps once it is there', async () => {
  const page = await personAt('absent@lab')
  await page.goto(`${lab}/console/create?template=absent`)
  const radio = page.getByRole('radio', { name: 'absent' })
  await radio.getByText('Its image is not here yet').waitFor()
  await page.getByRole('radio', { name: 'tiny' }).getByText('Its image is here').waitFor()
  expect(await radio.getAttribute('aria-checked')).toBe('true')
  await page.getByLabel('Name').fill('no image')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByText('Failed').waitFor({ timeout: 30_000 })
  await page.getByText(/could not be pulled: .*(manifest|not found)/).waitFor()
  const help = page.getByRole('link', { name: 'What it means, and what to do: image-unavailable' })
  expect(await (await fetch((await help.getAttribute('href')) ?? '')).text()).toContain(
    'Can the engine reach the registry?',
  )
  expect(await barriersOf(page)).toEqual([])

  await docker('tag', 'debian:trixie-slim', absentImage)
  await using _ = { [Symbol.asyncDispose]: async () => void (await docker('rmi', absentImage).catch(() => {})) }
  await choose(page, 'no image', 'Recreate')
  expect(await barriersOf(page)).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Recreate' }).click()
  await page.getByText('Running').waitFor()
  await page.getByText(/ready after/).waitFor()
  expect(await page.getByText('could not be pulled').count()).toBe(0)
})

// Trouble (input): the kernel dies, and the page of the environment says so in UTC, and not how to get more memory
test('memory runs out: the page says when and why, and leads to an environment with more', async () => {
  const page = await personAt('memory@lab')
  const id = await created('memory@lab', 'hungry')
  await page.goto(`${lab}/console/environments/${id}`)
  await page.getByText(/ready after/).waitFor()
  const eats = docker('exec', id, 'perl', '-e', 'my $n = 3e8; my $x = "x" x $n; print length $x')
  await expect(eats).rejects.toThrow()
  const alert = page.getByRole('note').filter({ hasText: 'Its memory ran out' })
  await alert.getByText('The environment may use 64 MiB.').waitFor()
  expect(await alert.locator('time').getAttribute('datetime')).toMatch(/^20\d\d-.*Z$/)
  await page
    .getByRole('status')
    .getByText(/Its memory ran out at \d+:\d\d/)
    .waitFor()
  expect(await barriersOf(page)).toEqual([])
  await alert.getByRole('link', { name: 'Make one with more memory' }).click()
  await page.getByRole('heading', { name: 'New environment' }).waitFor()
  expect(await page.getByRole('radio', { name: 'tiny' }).getAttribute('aria-checked')).toBe('true')
  expect(await page.getByRole('combobox', { name: 'Memory' }).or(page.getByLabel('Memory')).first().inputValue()).toBe(
    '128 MiB',
  )
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByText(/ready after/).waitFor()
  await page.getByRole('row', { name: 'Memory 128 MiB' }).waitFor()
})

// Trouble (browser): the form is held to an earlier answer, and the corrected wish is refused like the first
test('the service refuses a creation: the page says why, keeps what was typed, and the next press is a new wish', async () => {
  const page = await personAt('refused@lab')
  await page.goto(`${lab}/console/create`)
  await page.getByLabel('Name').fill('second try')
  const keys: string[] = []
  page.on('request', (request) => {
    const key = request.headers()['idempotency-key']
    if (key) keys.push(key)
  })
  await page.route('**/api/environments', (route) =>
    route.fulfill({
      status: 409,
      contentType: 'application/problem+json',
      body: JSON.stringify({ type: '/problems/quota-reached', title: 'Too many', detail: 'Delete one first.' }),
    }),
  )
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('alert').getByText('Delete one first.').waitFor()
  expect(await barriersOf(page)).toEqual([])
  await page.unroute('**/api/environments')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('heading', { name: 'second try' }).waitFor()
  expect(new Set(keys).size).toBe(2)
  tabs.at(-1)?.complaints.splice(0) // the browser's own words about the 409
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

// Trouble (browser): a list that can no longer be read looks like the present one
test('the service comes back and refuses the list: the page shows the last that it had, says why it may be old, and tries again', async () => {
  const page = await personAt('stale@lab')
  await created('stale@lab', 'kept in sight')
  await card(page, 'kept in sight').waitFor()
  const problem = { type: '/problems/no-room', title: 'No room', detail: 'The disk is full.' }
  const lists = '**/api/environments?**'
  const refusal = { status: 507, contentType: 'application/problem+json', body: JSON.stringify(problem) }
  await page.route(lists, (route) => route.fulfill(refusal))
  await service.end('SIGKILL')
  await service.startAgain()
  await page.getByRole('alert').getByText('The disk is full.').waitFor()
  await card(page, 'kept in sight').waitFor()
  expect(await barriersOf(page)).toEqual([])
  const again = page.getByRole('button', { name: 'Try again' })
  await Promise.all([page.waitForRequest(lists), again.click()])
  await page.unroute(lists)
  // The page may have asked by itself meanwhile: then there is nothing to press.
  await expect
    .poll(async () => {
      await again.evaluateAll((all) => {
        for (const each of all) (each as unknown as { click(): void }).click()
      })
      return await page.getByRole('alert').isVisible()
    })
    .toBe(false)
  await card(page, 'kept in sight').waitFor()
  tabs.at(-1)?.complaints.splice(0) // the browser's own words about the broken connection, and about the 507
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

// Trouble (browser): a person without a mouse closes a question, and has to begin at the top of the page again
test('a question that is closed gives the focus back to the button that opened it, and so does the palette', async () => {
  const page = await personAt('focus@lab')
  await created('focus@lab', 'in focus')
  const hasFocus = (name: string) => page.getByRole('button', { name }).and(page.locator(':focus'))
  await choose(page, 'in focus', 'Rename')
  await page.getByRole('dialog').getByLabel('Name').and(page.locator(':focus')).waitFor()
  await page.keyboard.press('Escape')
  await hasFocus('More actions: in focus').waitFor()
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Search pages').and(page.locator(':focus')).waitFor()
  await page.keyboard.press('Escape')
  await hasFocus('More actions: in focus').waitFor()
  await service.call('POST', '/api/tokens', { body: { user_id: 'focus@lab', name: 'laptop' } })
  await page.goto(`${lab}/console/account`)
  await page.getByRole('button', { name: 'Revoke: laptop' }).press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).press('Enter')
  await hasFocus('Revoke: laptop').waitFor()
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

/** Opens the question whether to revoke a token, says yes, and closes the question. The answers are held back until `letThrough`. */
async function revokeUnseen(page: Page, name: string, answer: (route: Route) => Promise<void>): Promise<() => void> {
  const { promise: isLet, resolve: letThrough } = Promise.withResolvers<void>()
  await page.route('**/api/tokens/*', (route) => isLet.then(() => answer(route)))
  await page.getByRole('button', { name: `Revoke: ${name}` }).click()
  await Promise.all([
    page.waitForRequest('**/api/tokens/*'),
    page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click(),
  ])
  await page.keyboard.press('Escape')
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  return letThrough
}

// Trouble (browser): a person closes a question, the service refuses, and the person believes that it was done
test('a refusal that comes after its question was closed shows as a notice', async () => {
  const page = await personAt('hasty@lab')
  await service.call('POST', '/api/tokens', { body: { user_id: 'hasty@lab', name: 'stolen' } })
  await page.goto(`${lab}/console/account`)
  const problem = { type: '/problems/conflict', title: 'Not now', detail: 'The token was not revoked.' }
  const refusal = { status: 409, contentType: 'application/problem+json', body: JSON.stringify(problem) }
  const letThrough = await revokeUnseen(page, 'stolen', (route) => route.fulfill(refusal))
  letThrough()
  await page.getByText('The token was not revoked.').waitFor()
  tabs.at(-1)?.complaints.splice(0) // the browser's own words about the 409
})

// Trouble (browser): an earlier act ends and closes the question about the next one, which is never done
test('an answer that comes after its question was closed leaves the next question open', async () => {
  const page = await personAt('two-at-once@lab')
  for (const name of ['first', 'second'])
    await service.call('POST', '/api/tokens', { body: { user_id: 'two-at-once@lab', name } })
  await page.goto(`${lab}/console/account`)
  const letThrough = await revokeUnseen(page, 'first', (route) => route.continue())
  await page.getByRole('button', { name: 'Revoke: second' }).click()
  const question = page.getByRole('dialog', { name: 'second' })
  await question.waitFor()
  letThrough()
  await page.getByRole('cell', { name: 'first', exact: true }).waitFor({ state: 'detached' })
  await question.getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('You have no tokens.').waitFor()
})

test('no page asked another host for anything, and the policy had nothing to report', async () => {
  const origins = new Set(tabs.flatMap(({ requests }) => requests.map((url) => new URL(url).origin)))
  expect([...origins]).toEqual([lab])
  expect(tabs.flatMap(({ complaints }) => complaints)).toEqual([])
})
