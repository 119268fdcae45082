/** A person at a browser: signs in on the platform, and works in JupyterLab on the environment's own origin. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startBrowser } from './support/browser.ts'
import { openLab } from './support/lab-page.ts'
import { createNotebook, untilStatus } from './support/notebook.ts'
import { startService } from './support/service.ts'
import { platformOf, setPassword, signInAs } from './support/sign-in.ts'

// Trouble (browser): people on another machine cannot open an environment, and every link has a secret in it
test('a person signs in, opens their environment on its own origin, and runs cells in it', async () => {
  await using service = await startService()
  await setPassword(service, 'admin')
  const { id } = await createNotebook(service)
  const { port } = new URL(service.gatewayUrl)
  const origin = `http://${id}.localhost:${port}`
  const platform = platformOf(service)

  // The whole browser once: what people use may refuse more than its shell does.
  await using browser = await startBrowser({ kind: 'whole' })
  const lab = await openLab(browser, `${platform}/open/${id}`, {
    first: signInAs('admin'),
  })
  expect(new URL(lab.page.url()).origin).toBe(origin)
  expect(lab.page.url()).not.toMatch(/token|code/)
  await lab.files('data')
  await lab.newNotebook()
  expect(await lab.run(`print(open('from-the-browser.txt', 'w').write('hello'))`)).toBe('5\n')
  expect(await readFile(join(service.dataDir, 'users/admin/from-the-browser.txt'), 'utf8')).toBe('hello')

  // Everything came from the two origins, and nothing that the page knows has a secret of the platform or of the server.
  const asked = new Set(lab.requests.map((url) => new URL(url).origin))
  expect([...asked].toSorted()).toEqual([origin, platform].toSorted())
  const known = `${await lab.page.content()}${await lab.page.evaluate('document.cookie')}`
  expect(known).not.toMatch(/ai-lab-(visit|session)/)

  // It was paused meanwhile: whoever opens it resumes it, and the page shows it by itself.
  await service.call('POST', `/api/environments/${id}/pause`)
  await untilStatus(service, id, 'paused')
  await lab.page.goto(`${origin}/`)
  await lab.page.locator('.jp-FileBrowser:not(.jp-mod-restoring)').waitFor()
  expect(await lab.run(`print(open('from-the-browser.txt').read())`)).toBe('hello\n')

  await lab.page.goto(`${platform}/sign-in`)
  await lab.page.getByRole('button', { name: 'Sign out' }).click()
  await lab.page.waitForURL(`${platform}/sign-in`)
  await lab.page.goto(`${origin}/`)
  await expect.poll(() => new URL(lab.page.url()).pathname).toBe('/sign-in')
})

// Trouble (browser): a lab can have no wildcard name, and browsers open no environment there
test('where all environments have one origin, a person works in two of them at once', async () => {
  const gatewayPort = String(await freePort())
  const origin = `http://localhost:${gatewayPort}`
  await using service = await startService({ env: { GATEWAY_PORT: gatewayPort, ENVIRONMENTS_URL: origin } })
  await setPassword(service, 'admin')
  const [first, second] = [(await createNotebook(service)).id, (await createNotebook(service)).id]
  await using browser = await startBrowser()
  const lab = await openLab(browser, `${platformOf(service)}/open/${first}`, { first: signInAs('admin') })
  expect(lab.page.url()).toMatch(`${origin}/env/${first}/lab`)
  await lab.newNotebook()
  expect(await lab.run('print(6 * 7)')).toBe('42\n')

  const other = await lab.page.context().newPage()
  await other.goto(`${platformOf(service)}/open/${second}`)
  await other.locator('.jp-FileBrowser:not(.jp-mod-restoring)').waitFor()
  expect(other.url()).toMatch(`${origin}/env/${second}/lab`)
  expect(await lab.run('print(7 * 7)')).toBe('49\n')
  await lab.page.reload()
  await lab.page.locator('.jp-FileBrowser:not(.jp-mod-restoring)').waitFor()
  expect(await lab.run('print(8 * 7)')).toBe('56\n')
})
