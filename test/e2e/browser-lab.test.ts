/** The main promise as people see it: JupyterLab in a real browser, and the data root on the disk. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startBrowser } from './support/browser.ts'
import { openLab } from './support/lab-page.ts'
import { untilStatus } from './support/notebook.ts'
import { type Json, type RunningService, startService } from './support/service.ts'
import { setPassword, signInAs } from './support/sign-in.ts'

// Trouble (browser): one data root, and the same URL after a stop and a start
test('in the browser two people and the backend see the same files, also after a stop and a start', async () => {
  await using service = await startService({ env: { SHARED_MODE: 'rw' } })
  await using browser = await startBrowser()
  const onDisk = (path: string) => join(service.dataDir, path)
  const [first, second] = [await newEnvironment(service, 'alice@lab'), await newEnvironment(service, 'bob@lab')]

  const alice = await openLab(browser, first.access_url, { first: signInAs('alice@lab') })
  expect(await alice.files('')).toEqual(['data', 'shared'])
  await alice.files('data')
  await alice.newNotebook()
  expect(await alice.run(`print(open('/home/jovyan/shared/result.csv', 'w').write('week,churned\\n'))`)).toBe('13\n')
  expect(await readFile(onDisk('shared/result.csv'), 'utf8')).toBe('week,churned\n')
  await alice.run(`open('own.txt', 'w').write('mine')`)
  expect(await readFile(onDisk('users/alice@lab/own.txt'), 'utf8')).toBe('mine')
  await alice.save('analysis.ipynb')

  const bob = await openLab(browser, second.access_url, { first: signInAs('bob@lab') })
  await expect.poll(() => bob.files('shared')).toContain('result.csv')
  await bob.files('data')
  await bob.newNotebook()
  expect(await bob.run(`print(open('/home/jovyan/shared/result.csv').read())`)).toBe('week,churned\n\n')
  await expect.poll(() => bob.files('data')).toEqual(['Untitled.ipynb'])

  await writeFile(onDisk('shared/notice.txt'), 'Backup on Friday')
  for (const person of [alice, bob]) await expect.poll(() => person.files('shared')).toContain('notice.txt')

  await service.call('POST', `/api/environments/${first.id}/stop`)
  await untilStatus(service, first.id, 'exited')
  await service.call('POST', `/api/environments/${first.id}/start`)
  const again = await untilStatus(service, first.id, 'running')
  expect(again.access_url).toBe(first.access_url)
  // The open page finds its server again; the stop ended its kernel.
  await expect.poll(() => alice.files('shared')).toContain('notice.txt')
  await alice.chooseKernel()
  expect(await alice.run(`print(open('own.txt').read())`)).toBe('mine\n')
  const back = await openLab(browser, again.access_url, { first: signInAs('alice@lab') })
  await expect.poll(() => back.files('shared')).toEqual(expect.arrayContaining(['notice.txt', 'result.csv']))
  await expect.poll(() => back.files('data')).toEqual(['analysis.ipynb', 'own.txt'])
  expect(await back.openNotebook('analysis.ipynb')).toContain(`open('own.txt', 'w')`)
  const asked = [alice, bob, back].flatMap(({ requests }) => requests.map((url) => new URL(url).hostname))
  const hosts = ['localhost', `${first.id}.localhost`, `${second.id}.localhost`]
  expect([...new Set(asked)].toSorted()).toEqual(hosts.toSorted())
})

/** Adds a person, creates an environment for them, and waits until it runs. */
async function newEnvironment(service: RunningService, userId: string): Promise<Json> {
  await service.call('POST', '/api/users', { body: { id: userId } })
  const { body } = await service.call('POST', '/api/environments', {
    body: { template: 'jupyterlab', user_id: userId },
  })
  await setPassword(service, userId)
  return untilStatus(service, body.id, 'running')
}
