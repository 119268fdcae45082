/** A kernel that takes more memory than its environment has: what its owner sees in the page and in the API. */
import { expect, test } from 'vitest'
import { startBrowser } from './support/browser.ts'
import { openLab } from './support/lab-page.ts'
import { createNotebook } from './support/notebook.ts'
import { startService } from './support/service.ts'
import { setPassword, signInAs } from './support/sign-in.ts'

// Trouble (input): a program takes more memory than its environment has
test('the page shows the memory, and page and API say why a kernel was killed', async () => {
  await using service = await startService()
  await using browser = await startBrowser()
  const { id } = await createNotebook(service, { resources: { memory_bytes: 400 * 2 ** 20 } })
  await setPassword(service, 'admin')
  const found = async () => (await service.call('GET', `/api/environments/${id}`)).body
  const { page, ...lab } = await openLab(browser, (await found()).access_url, { first: signInAs('admin') })
  await lab.newNotebook()
  const memory = page.locator('.ai-lab-memory')
  expect(await memory.textContent()).toMatch(/^Memory: 0\.[1-3] GiB of 0\.4 GiB$/)
  await lab.run('held = bytearray(180 * 2 ** 20)')
  await expect.poll(() => memory.textContent()).toMatch(/^Memory: 0\.[34] GiB of 0\.4 GiB$/)

  await lab.begin('more = bytearray(2 ** 30)')
  await page.getByText(/memory of this environment ran out, .* It may use 0\.4 GiB\./).waitFor()
  await expect
    .poll(async () => (await found()).status_reason)
    .toMatch(/its memory ran out, and a program in it was killed.* It may use 400 MiB\./)
  expect(await found()).toMatchObject({ status: 'running' })
  const { body } = await service.call('GET', '/metrics')
  expect(body).toMatch(/^ailab_environment_out_of_memory_total [1-9]/m)
})
