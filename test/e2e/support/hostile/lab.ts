import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { freePort } from '../../../support/free-port.ts'
import { type Browser, startBrowser } from '../browser.ts'
import { httpsFront } from '../https-front.ts'
import { type Json, type RunningService, startService } from '../service.ts'
import { platformOf, setPassword, signInAs } from '../sign-in.ts'
import { writeHostileCatalog } from './catalog.ts'

/** An ENVIRONMENTS_URL without its port. With https the platform is at https://lab.test, else at http://localhost. */
export type Pattern = string

/** A request or a message of a WebSocket, as an environment's program got it. */
export type Seen = {
  kind: 'request' | 'socket' | 'message'
  method: string
  target: string
  headers: [string, string][]
}

/** A lab with a hostile environment of mallory's, a second one of hers, and one of the administrator's. */
export type HostileLab = AsyncDisposable & {
  service: RunningService
  platform: string
  hostile: string
  second: string
  admins: string
  /** The address below which an environment is in browsers. */
  addressOf(id: string): string
  /** All that an environment's program was asked. */
  seen(id: string): Promise<Seen[]>
  /** A person at a browser of their own, signed in, with no page open. */
  signedIn(id: string): Promise<BrowserContext>
  /** Closes the browsers of all people: a page that is left open goes on computing. */
  closeBrowsers(): Promise<void>
  /** Opens an environment on the platform, by the button if there is one. */
  visit(context: BrowserContext, id: string): Promise<Page>
  /** What the gateway answers to the kernel of an environment, which can send whatever it likes. */
  asKernel(url: string, headers: Record<string, string>): Promise<{ status: number; cookies: string[] }>
  /** Signs in again, in the browser of somebody who has signed out. */
  signIn(page: Page, id: string): Promise<void>
}

export async function openHostileLab(pattern: Pattern): Promise<HostileLab> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-hostile-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const catalog = join(folder, 'catalog.yaml')
  await writeHostileCatalog(catalog)
  const isSecure = pattern.startsWith('https')
  const gatewayPort = await freePort()
  // Behind TLS, browsers see other ports than those of the service and the gateway.
  const fronts = isSecure ? { platform: stack.use(await httpsFront()), gateway: stack.use(await httpsFront()) } : null
  const environments = `${pattern}:${fronts?.gateway.port ?? gatewayPort}`
  const service = stack.use(
    await startService({
      folder,
      env: {
        CATALOG_FILE: catalog,
        LOG_LEVEL: 'debug',
        ENVIRONMENTS_URL: environments,
        GATEWAY_PORT: String(gatewayPort),
        ...(fronts && { PUBLIC_URL: `https://lab.test:${fronts.platform.port}` }),
      },
    }),
  )
  const platform = fronts ? `https://lab.test:${fronts.platform.port}` : platformOf(service)
  fronts?.platform.leadTo(Number(new URL(service.url).port))
  fronts?.gateway.leadTo(gatewayPort)
  const browser: Browser = stack.use(await startBrowser({ lab: isSecure ? 'lab.test' : null }))

  const tokens: Record<string, string> = { admin: service.adminToken }
  for (const id of ['mallory', 'stranger']) {
    await service.call('POST', '/api/users', { body: { id, tier: 'default' } })
    const { body } = await service.call('POST', '/api/tokens', { body: { user_id: id, name: 'test' } })
    tokens[id] = body.token
  }
  for (const id of Object.keys(tokens)) await setPassword(service, id)
  const owners: Record<string, string> = {}
  const create = async (owner: string) => {
    const options = { body: { template: 'hostile' }, token: tokens[owner] ?? '', headers: { prefer: 'wait=60' } }
    const { body } = await service.call('POST', '/api/environments', options)
    if (body.status !== 'running') throw new Error(JSON.stringify(body))
    owners[body.id] = owner
    return body.id as string
  }
  const [hostile, second, admins] = [await create('mallory'), await create('mallory'), await create('admin')]

  async function signIn(page: Page, id: string): Promise<void> {
    await page.goto(`${platform}/sign-in`)
    await signInAs(id)(page)
    await page.waitForURL(`${platform}/`)
  }
  const contexts = new Set<BrowserContext>()
  const addressOf = (id: string) => `${environments.replace('{id}', id)}/env/${id}/`
  const rest = stack.move()
  return {
    service,
    platform,
    hostile,
    second,
    admins,
    addressOf,
    async seen(id) {
      const headers = { authorization: `Bearer ${tokens[owners[id] ?? '']}` }
      const answer = await fetch(`http://127.0.0.1:${gatewayPort}/env/${id}/seen`, { headers })
      return (await answer.json()) as Json
    },
    async asKernel(url, headers) {
      const { host, pathname, search } = new URL(url)
      const sent = request({ port: gatewayPort, path: pathname + search, headers: { host, ...headers } }).end()
      const [answer] = (await once(sent, 'response')) as [IncomingMessage]
      answer.resume()
      return { status: answer.statusCode ?? 0, cookies: answer.headers['set-cookie'] ?? [] }
    },
    signIn,
    async signedIn(id) {
      const { page } = await browser.open('about:blank')
      contexts.add(page.context())
      await signIn(page, id)
      await page.close() // it shows the console, which would go on asking the service
      return page.context()
    },
    async closeBrowsers() {
      await Promise.all(Array.from(contexts, (context) => context.close()))
      contexts.clear()
    },
    async visit(context, id) {
      const page = await context.newPage()
      await page.goto(`${platform}/open/${id}`)
      const button = page.getByRole('button')
      if (await button.isVisible()) await button.click()
      await page.waitForURL(addressOf(id))
      return page
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}
