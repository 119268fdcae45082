/** Sign-in in a real browser, and a hostile page on another port of the same host. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ailab } from './support/ailab.ts'
import { type Browser, startBrowser } from './support/browser.ts'
import { type RunningService, startService } from './support/service.ts'

let browser: Browser
let service: RunningService
let origin: string
beforeAll(async () => {
  service = await startService()
  origin = service.url.replace('127.0.0.1', 'localhost')
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await service?.[Symbol.asyncDispose]()
})

const password = 'correct horse battery'

async function linkOf(id: string): Promise<string> {
  const env = { DATA_DIR: service.dataDir, PUBLIC_URL: origin }
  expect(await ailab(['user', 'add', id], env)).toMatchObject({ code: 0 })
  return (await ailab(['user', 'invite', id], env)).stdout.trim()
}

async function signedInPage(id: string): Promise<Page> {
  const { page } = await browser.open(await linkOf(id))
  await page.getByLabel('Choose a password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText(`You are ${id}.`).waitFor()
  return page
}

/** What the service answers to the browser of a page, as it would to a page of its own. */
async function me(page: Page): Promise<number> {
  const answer = await page.request.get(`${origin}/api/me`)
  return answer.status()
}

test('a person opens their link, chooses a password, signs out, and signs in again at /sign-in', async () => {
  const { page, requests, complaints } = await browser.open(await linkOf('alice@lab'))
  await page.getByLabel('Choose a password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('You are alice@lab.').waitFor()
  expect(await page.context().cookies()).toMatchObject([
    { name: 'ai-lab-session', httpOnly: true, sameSite: 'Lax', path: '/', domain: 'localhost' },
  ])
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('User id').fill('alice@lab')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('You are alice@lab.').waitFor()
  expect(await me(page)).toBe(200)
  expect(requests.filter((url) => new URL(url).origin !== origin)).toEqual([])
  expect(complaints).toEqual([])
})

test('a person sees in one browser that they are signed in in another, and signs that one out', async () => {
  const elsewhere = await signedInPage('dora')
  const { page, complaints } = await browser.open(`${origin}/sign-in?next=/sessions`)
  await page.getByLabel('User id').fill('dora')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(`${origin}/sessions`)
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await expect.poll(() => page.getByRole('row').count()).toBe(2) // the head, and this browser
  expect([await me(elsewhere), await me(page)]).toEqual([401, 200])
  await page.getByRole('button', { name: 'Sign out here' }).click()
  await page.getByLabel('User id').waitFor()
  expect([await me(page), complaints]).toEqual([401, []])
})

test('the API pages work with the session, without a token', async () => {
  const page = await signedInPage('bob')
  await page.goto(`${origin}/docs`)
  const operation = page.locator('#operations-sessions-getMe')
  await operation.click()
  await operation.getByRole('button', { name: 'Try it out' }).click()
  await operation.getByRole('button', { name: 'Execute' }).click()
  const answer = operation.locator('.live-responses-table .response').first()
  await expect.poll(() => answer.textContent()).toMatch(/^200.*"user_id": "bob"/s)
})

// Trouble (browser): a page on another port of the same host uses its visitor's cookie, which browsers send there too
test('a page on another port neither signs its visitor out nor makes a token, and shows no page of the service', async () => {
  const seen: string[] = []
  const hostile = createServer((request, response) => {
    seen.push(request.headers.cookie ?? '')
    response.setHeader('content-type', 'text/html').end(`<form method="post" action="${origin}/sign-out"></form>
<iframe src="${origin}/sign-in"></iframe>`)
  }).listen(0, '127.0.0.1')
  await once(hostile, 'listening')
  try {
    const page = await signedInPage('carol')
    await page.goto(`http://localhost:${(hostile.address() as AddressInfo).port}`)
    expect(seen).toContainEqual(expect.stringContaining('ai-lab-session=')) // the browser does send it there
    await page.evaluate(async (origin) => {
      const attempts = [
        ['/api/me', { mode: 'no-cors' }],
        ['/api/session', { method: 'DELETE' }],
        ['/api/tokens', { method: 'POST', mode: 'no-cors', body: '{"name":"x"}' }],
      ] as const
      for (const [path, how] of attempts) await fetch(origin + path, { credentials: 'include', ...how }).catch(() => {})
    }, origin)
    // 403, not 401: the cookie came along.
    await expect.poll(service.output).toMatch(/"method":"POST","url":"\/api\/tokens","status":403/)
    expect(page.frames().map((frame) => frame.url())).not.toContain(`${origin}/sign-in`)
    await page.evaluate('document.forms[0].submit()')
    await page.waitForURL(`${origin}/sign-out`)
    expect(await page.textContent('body')).toContain('/problems/of-another-origin')
    expect(await me(page)).toBe(200)
    const { body } = await service.call('GET', '/api/tokens?user_id=carol')
    expect(body.items).toEqual([])
  } finally {
    hostile.close()
  }
})
