// Takes the pictures of the console for its documents: `npm run pictures`. It starts a lab of its own, and ends it.
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startBrowser } from '../test/e2e/support/browser.ts'
import { startService } from '../test/e2e/support/service.ts'
import { platformOf, setPassword, signInAs } from '../test/e2e/support/sign-in.ts'
import { takeDataPictures } from './lib/data-pictures.ts'

const folder = join(import.meta.dirname, '..', process.argv[2] ?? 'docs/console')
await mkdir(folder, { recursive: true })
const keys = await mkdtemp(join(tmpdir(), 'ai-lab-pictures-'))
await using service = await startService({
  env: {
    BACKUP_KEY_FILE: join(keys, 'backup.key'),
    ...(process.env.CATALOG_FILE ? { CATALOG_FILE: process.env.CATALOG_FILE } : {}),
  },
})
await using browser = await startBrowser()
const lab = platformOf(service)
const person = 'demo@ailab.com'
await service.call('POST', '/api/users', { body: { id: person } })
await setPassword(service, person)
await setPassword(service, 'admin')
const waiting = { headers: { prefer: 'wait=55' } }

async function signedIn(id: string): Promise<Page> {
  const { page, complaints } = await browser.open(`${lab}/sign-in`)
  await signInAs(id)(page)
  page.on('close', () => complaints.length > 0 && console.error(complaints))
  return page
}

/** One page, as it stands, in both colour schemes. */
async function take(page: Page, name: string, width = 1280): Promise<void> {
  await page.setViewportSize({ width, height: width < 500 ? 800 : 860 })
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await page.waitForTimeout(250) // colours change over a tenth of a second
    await page.screenshot({ path: join(folder, `${name}${scheme === 'dark' ? '-dark' : ''}.png`) })
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

const page = await signedIn(person)
const to = async (path: string, ready: string) => {
  await page.goto(`${lab}${path}`)
  await page.getByText(ready).first().waitFor()
}
await page.getByText('You have no environment yet').waitFor()
await take(page, 'first')
await to('/console/create', 'Choose a template')
await take(page, 'create')

for (const name of ['churn model', 'paper figures', 'sandbox']) {
  await service.call('POST', '/api/environments', {
    body: { template: 'jupyterlab', name, user_id: person },
    ...waiting,
  })
}
const { body } = await service.call('GET', `/api/environments?user_id=${person}`)
const [sandbox, figures, churn] = body.items as { id: string }[]
await service.call('POST', `/api/environments/${sandbox?.id}/stop`, waiting)
await service.call('POST', `/api/environments/${figures?.id}/pause`, waiting)
await to('/', 'churn model')
await take(page, 'environments')
await take(page, 'environments-narrow', 360)
await to(`/console/environments/${churn?.id}`, 'Overview')
await take(page, 'environment')
await page.getByRole('tab', { name: 'Use' }).click()
await page.waitForTimeout(9_000)
await take(page, 'use')
await page.getByRole('tab', { name: 'Log' }).click()
await page.waitForTimeout(1_000)
await take(page, 'log')
await page.getByRole('tab', { name: 'Data' }).click()
await page.waitForTimeout(1_000)
await take(page, 'mounts')
await page.getByRole('tab', { name: 'Programs' }).click()
await page.getByRole('tab', { name: '@jupyterlab/services' }).click()
await take(page, 'programs')
await to('/console/account', 'API tokens')
await take(page, 'account')

const files = `/api/users/${person}/files`
const put = (path: string, body: string | Buffer) =>
  fetch(`${service.url}${files}/${path}`, {
    method: 'PUT',
    body: new Uint8Array(Buffer.from(body)),
    headers: { authorization: `Bearer ${service.adminToken}`, 'content-type': 'application/octet-stream' },
  })
const rain = Array.from({ length: 400 }, (_, at) => `S${at % 17},${1990 + (at % 30)},${(at * 7919) % 1300}`)
await put('rain.csv', `station,year,mm\n${rain.join('\n')}\n`)
await put('train.py', 'import torch\n\n\ndef main() -> None:\n    print("hello")\n')
await put('models/weights.bin', Buffer.alloc(3_500_000))
await put('figures/loss.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"/>')
const cells = [
  { cell_type: 'markdown', source: '# Churn model\n\nWhich customers leave, and why?' },
  {
    cell_type: 'code',
    execution_count: 1,
    source: 'import pandas as pd\nrain = pd.read_csv("rain.csv")\nrain.head(2)',
    outputs: [
      {
        output_type: 'execute_result',
        data: { 'text/plain': '  station  year   mm\n0      S0  1990    0\n1      S1  1991  119' },
      },
    ],
  },
]
await put('notebooks/churn.ipynb', JSON.stringify({ cells, metadata: { language_info: { name: 'python' } } }))
await to('/console/files/data', 'rain.csv')
await take(page, 'files')
await take(page, 'files-narrow', 360)
await to('/console/files/data/rain.csv', 'station')
await take(page, 'file-csv')
await to('/console/files/data/notebooks/churn.ipynb', 'Churn model')
await take(page, 'file-notebook')
await to('/console/files/data/models', 'weights.bin')
await page.locator('input[data-pick=files]').setInputFiles(
  ['epoch-1.bin', 'epoch-2.bin', 'weights.bin'].map((name) => ({
    name,
    mimeType: 'application/octet-stream',
    buffer: Buffer.alloc(2_000_000),
  })),
)
await page.getByRole('button', { name: 'Keep both' }).waitFor()
await page.waitForTimeout(500)
await take(page, 'files-taken')
await page.getByRole('button', { name: 'Keep both' }).click()
await page.getByText('3 files are uploaded.').waitFor()
await page.waitForTimeout(1_500)
await take(page, 'files-uploaded')
await page.getByRole('button', { name: 'Close' }).click()
await page.getByLabel('Actions for epoch-1.bin').click()
await page.getByRole('menuitem', { name: 'Delete' }).click()
await page.getByText('is in the trash').waitFor()
await page.waitForTimeout(500)
await take(page, 'files-deleted')
await to('/console/files/trash', 'epoch-1.bin')
await take(page, 'trash')
await page.close()

const admin = await signedIn('admin')
await admin.goto(`${lab}/console/lab`)
const pictureOf = (headline: string) => admin.locator(`svg.picture[data-headline=${headline}]`).waitFor()

/** The picture of the data root with what is above and beside it, in light and without the menu. */
async function takePicture(name: string): Promise<void> {
  await admin.setViewportSize({ width: 1600, height: 660 })
  await admin.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  const clip = { x: 242, y: 58, width: 1358, height: 542 }
  await admin.screenshot({ path: join(folder, `${name}.png`), clip })
}
await service.call('POST', '/api/data/consistency')
await pictureOf('proven')
await takePicture('data-root-proven')
await take(admin, 'lab')
await take(admin, 'lab-narrow', 360)
const shared = join(service.dataDir, 'shared')
await rename(shared, `${shared}-away`)
await pictureOf('unproven')
await admin.waitForTimeout(1_000)
await takePicture('data-root-away')
await rename(`${shared}-away`, shared)

await admin.goto(`${lab}/console/people`)
await admin.getByRole('link', { name: person }).waitFor()
await take(admin, 'people')
await take(admin, 'people-narrow', 360)
await admin.setViewportSize({ width: 1280, height: 860 }) // else the menu is still sliding in
await admin.goto(`${lab}/console/people/${person}`)
await admin.getByText('churn model').waitFor()
await take(admin, 'person')
await admin.goto(`${lab}/console/all`)
await admin.locator('[data-whole=true]').waitFor()
await admin.getByLabel('Select all that are shown').click()
await take(admin, 'all')
await admin.close()

await takeDataPictures({ service, lab, person, signedIn, take })
await rm(keys, { recursive: true })
