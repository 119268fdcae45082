/** A program whose paths all begin at the root, as VS Code's do, in an environment: in a browser, and in the path form. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { startBrowser } from './support/browser.ts'
import { project, type RunningService, startService } from './support/service.ts'
import { platformOf, setPassword, signInAs } from './support/sign-in.ts'
import { createTiny } from './support/tiny.ts'

let folder: string
let service: RunningService
let id: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-program-'))
  const program = {
    description: 'A program with absolute paths',
    type: 'web',
    image: 'node:24-slim',
    command: [
      'node',
      '--input-type=module',
      '-e',
      await readFile(join(project, 'test/e2e/support/absolute-program.mjs'), 'utf8'),
    ],
    environment: { HASHED_PASSWORD: '{token}' },
    port: 8080,
    open_path: '/',
    ready_path: '/healthz',
    memory: '256MiB',
    cpu_cores: 1,
  }
  const tier = { memory: '1GiB', cpu_cores: 1, gpus: 0, max_environments: 5 }
  const catalog = join(folder, 'catalog.yaml')
  await writeFile(catalog, stringify({ tiers: { default: tier }, templates: { program } }))
  service = await startService({ env: { CATALOG_FILE: catalog } })
  await setPassword(service, 'admin')
  id = (await createTiny(service, { template: 'program' })).id
})
afterAll(async () => {
  await service?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

// Trouble (browser): a program works only at the root of its address, and is served below /env/<id>/
test('on its own origin its redirects, forms, cookies, links, WebSockets and events work as on a server of its own', async () => {
  const origin = `http://${id}.localhost:${new URL(service.gatewayUrl).port}`
  await using browser = await startBrowser()
  const { page, requests } = await browser.open(`${platformOf(service)}/open/${id}`)
  await signInAs('admin')(page)

  await page.waitForURL(`${origin}/login`)
  await page.getByLabel('Name').fill('Ada')
  await page.getByRole('button', { name: 'Enter' }).click()
  await page.getByRole('heading', { name: 'Hello Ada' }).waitFor()
  expect(page.url()).toBe(`${origin}/`)
  const colour = `getComputedStyle(document.querySelector('h1')).color`
  await expect.poll(() => page.evaluate(colour)).toBe('rgb(1, 2, 3)')
  await expect.poll(() => page.locator('output').textContent()).toBe('Ada: from the page')
  await expect.poll(() => page.locator('ol').textContent()).toContain('1 2 3 ')

  const cookies = await page.context().cookies(origin)
  expect(cookies.map(({ name }) => name).toSorted()).toEqual(['ai-lab-visit', 'name'])
  const own = { value: 'Ada', path: '/', domain: `${id}.localhost`, httpOnly: true }
  expect(cookies.find(({ name }) => name === 'name')).toMatchObject(own)
  await page.getByRole('link', { name: 'About' }).click()
  await page.waitForURL(`${origin}/about`)
  expect(requests.filter((url) => new URL(url).pathname.startsWith('/env/'))).toEqual([])
})

test('in the path form a program with a token gets the same answers, with the paths that the program wrote', async () => {
  const headers = { authorization: `Bearer ${service.adminToken}` }
  const base = `${service.gatewayUrl}/env/${id}`
  const ask = (path: string, options = {}) => fetch(base + path, { headers, redirect: 'manual', ...options })
  for (const path of ['', '/']) expect((await ask(path)).headers.get('location')).toBe('/login')
  expect(await (await ask('/static/style.css')).text()).toContain('rgb(1, 2, 3)')
  const entered = await ask('/login', { method: 'POST', body: 'name=Ada' })
  expect([entered.status, entered.headers.get('set-cookie')]).toEqual([303, 'name=Ada; Path=/; HttpOnly'])
  for await (const first of (await ask('/events')).body ?? []) {
    expect(Buffer.from(first).toString()).toBe('data: 1\n\n')
    break
  }
  const socket = new WebSocket(`${base.replace('http', 'ws')}/socket?token=${service.adminToken}`)
  await once(socket, 'open')
  socket.send('from a program')
  const [{ data }] = await once(socket, 'message')
  expect(data).toBe('nobody: from a program')
  socket.close()
})
