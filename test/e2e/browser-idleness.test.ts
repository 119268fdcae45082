/** Idleness while JupyterLab is open in a real browser. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startBrowser } from './support/browser.ts'
import { gatewayOf } from './support/gateway-of.ts'
import { openLab } from './support/lab-page.ts'
import { untilStatus } from './support/notebook.ts'
import { startService } from './support/service.ts'
import { setPassword, signInAs } from './support/sign-in.ts'

const patience = 40_000

// Trouble (idleness): the page of an unused environment stays open in a real browser
test('the requests of an open page are no activity, a running cell is; after resume the same page works again', async () => {
  await using service = await startService({ env: { IDLE_PAUSE_AFTER: 'off', GATEWAY: 'apart' } })
  // After an outage JupyterLab waits for up to half a minute before it connects a kernel again: longer than these pauses.
  await using _gateway = await gatewayOf(service)
  await setPassword(service, 'admin')
  await using browser = await startBrowser()
  const open = async () => {
    const { body } = await service.call('POST', '/api/environments', { body: { template: 'jupyterlab' } })
    const { id, access_url: url } = await untilStatus(service, body.id, 'running')
    const lab = await openLab(browser, url, { first: signInAs('admin') })
    await lab.newNotebook()
    return { id, lab }
  }
  const shown = async (id: string) => (await service.call('GET', `/api/environments/${id}`)).body
  const computing = await open()
  await computing.lab.run('import os, time')
  await computing.lab.begin(`while not os.path.exists('enough'): time.sleep(0.1)`)
  const resting = await open()
  await resting.lab.run('kept = 6 * 7')
  const asked = resting.lab.requests.length

  await service.end()
  await service.startAgain({ IDLE_PAUSE_AFTER: '12s' })
  expect(await untilStatus(service, resting.id, 'paused', patience)).toMatchObject({
    status_reason: 'Paused after 12 seconds without activity.',
  })
  const since = resting.lab.requests.slice(asked).map((url) => new URL(url).pathname)
  for (const what of ['kernels', 'sessions', 'terminals', 'contents/data'])
    expect(since).toContain(`/env/${resting.id}/api/${what}`)
  expect(await shown(computing.id)).toMatchObject({ status: 'running', status_reason: null })

  await service.call('POST', `/api/environments/${resting.id}/resume`)
  await untilStatus(service, resting.id, 'running')
  expect(await resting.lab.run('print(kept)')).toBe('42\n')

  expect(await shown(computing.id)).toMatchObject({ status: 'running', status_reason: null })
  await writeFile(join(service.dataDir, 'users/admin/enough'), '')
  await computing.lab.result()
  await untilStatus(service, computing.id, 'paused', patience)
})
