/** A person at a browser where the platform is below /lab/ of a host, behind real nginx and Caddy with the files of deploy/. */
import { expect, test } from 'vitest'
import {
  behindSubPath,
  caddySubPath,
  gatewayHost,
  nginxSubPath,
  platform,
  startReverseProxy,
} from '../support/reverse-proxy.ts'
import { password } from '../support/sign-in.ts'
import { ailab } from './support/ailab.ts'
import { startBrowser } from './support/browser.ts'
import { startService } from './support/service.ts'
import { openHere } from './support/sign-in.ts'
import { createTinyFolder } from './support/tiny.ts'

// Trouble (browser): a lab has the platform below a path of a host, and links, cookies or the API pages leave the path
test.each([
  ['nginx', nginxSubPath],
  ['Caddy', caddySubPath],
])(
  'below /lab/ of %s a person signs in, uses the API pages, and makes and opens an environment',
  async (_, program) => {
    await using tiny = await createTinyFolder('sub-path')
    await using service = await startService({ env: { ...behindSubPath, ...tiny.catalog } })
    const [ofService, ofGateway] = [new URL(service.url), new URL(service.gatewayUrl)]
    const ports = { service: Number(ofService.port), gateway: Number(ofGateway.port) }
    await using proxy = await startReverseProxy(program, ports)
    const origin = `https://${platform}:${proxy.httpsPort}`
    const settings = {
      ...tiny.catalog,
      PUBLIC_URL: `${origin}/lab`,
      ENVIRONMENTS_URL: `https://{id}.${gatewayHost}:${proxy.httpsPort}`,
    }
    await service.end()
    await service.startAgain(settings)
    await using browser = await startBrowser({ lab: platform })

    const invite = await ailab(['user', 'invite', 'admin'], { DATA_DIR: service.dataDir, ...settings })
    expect(invite.stdout).toMatch(`${origin}/lab/sign-in/link/`)
    const { page, requests, complaints, failures } = await browser.open(invite.stdout.trim())
    await page.getByLabel('Choose a password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${origin}/lab/`)
    expect(await page.context().cookies()).toMatchObject([
      { name: '__Secure-ai-lab-session', path: '/lab/', domain: platform, secure: true, httpOnly: true },
    ])

    await page.goto(`${origin}/lab/docs`)
    const operation = page.locator(`[id^="operations-"][id$="-getMe"]`)
    await operation.click()
    await operation.getByRole('button', { name: 'Try it out' }).click()
    await operation.getByRole('button', { name: 'Execute' }).click()
    const answer = operation.locator('.live-responses-table .response').first()
    await expect.poll(() => answer.textContent()).toMatch(/^200.*"user_id": "admin"/s)
    expect(requests).toContain(`${origin}/lab/api/me`)

    await page.goto(`${origin}/lab/`)
    await page.getByRole('main').getByRole('link', { name: 'New environment' }).click()
    await page.getByRole('radio', { name: 'tiny' }).click()
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByText('Running').waitFor()
    expect(page.url()).toMatch(`${origin}/lab/console/environments/`)
    const id = page.url().split('/').at(-1) ?? ''
    await openHere(page)
    await page.waitForURL(`https://${id}.${gatewayHost}:${proxy.httpsPort}/**`)

    await page.goto(`${origin}/lab/sessions`)
    await page.getByRole('button', { name: 'Sign out here' }).click()
    await page.waitForURL(`${origin}/lab/sign-in`)
    await page.goto(`${origin}/lab/sessions`)
    await page.getByLabel('User id').fill('admin')
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${origin}/lab/sessions`)
    const outside = requests.filter(
      (url) => new URL(url).origin === origin && !new URL(url).pathname.startsWith('/lab/'),
    )
    expect([outside, complaints, failures]).toEqual([[], [], []])
  },
)
