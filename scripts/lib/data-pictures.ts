/** The pictures of the console's pages of data. */
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { RunningService } from '../../test/e2e/support/service.ts'

export type Pictures = {
  service: RunningService
  lab: string
  person: string
  signedIn: (id: string) => Promise<Page>
  take: (page: Page, name: string, width?: number) => Promise<void>
}

const mebibytes = (count: number) => randomBytes(count * 2 ** 20)
const waiting = { headers: { prefer: 'wait=55' } }

export async function takeDataPictures(pictures: Pictures): Promise<void> {
  const { service, lab, person, signedIn, take } = pictures
  await fill(service, person)
  await count(service)
  const page = await signedIn(person)
  const admin = await signedIn('admin')
  const to = async (who: Page, path: string, ready: string) => {
    await who.goto(`${lab}${path}`)
    await who.getByText(ready).first().waitFor()
  }
  await to(page, '/console/datasets', 'Rain in the north')
  await page.getByRole('button', { name: 'Verify: Rain' }).click()
  await page.getByText('as published, verified').waitFor()
  await page.getByRole('button', { name: 'Copy to my data: Rain' }).click()
  await page.getByRole('button', { name: 'Copy', exact: true }).click()
  await page.locator('[data-copied]').waitFor()
  await take(page, 'datasets')
  await to(page, '/console/usage', 'The biggest folders')
  await take(page, 'usage-of-one')
  await to(admin, '/console/usage', 'All folders')
  await take(admin, 'usage-of-all')

  for (const [at, name] of ['results.csv', 'thesis.tex'].entries()) {
    await put(service, `users/${encodeURIComponent(person)}/files/${name}`, mebibytes(2 + at))
    await service.call('POST', '/api/admin/backups', waiting)
  }
  await service.call('POST', '/api/admin/backups/check', waiting)
  await service.call('POST', '/api/admin/backups/drill', waiting)
  await to(admin, '/console/backups', 'What happened')
  await take(admin, 'backups')
  await take(admin, 'backups-narrow', 360)
  await to(page, '/console/backups', 'Your folder as it was')
  await page.getByRole('link', { name: 'Look inside' }).first().click()
  await page.getByRole('button', { name: 'Restore: thesis.tex' }).click()
  await take(page, 'restore')
  await page.getByRole('button', { name: 'Restore', exact: true }).click()
  await page.locator('[data-restore="done"]').waitFor()
  await to(admin, '/console/jobs', 'Ended')
  await take(admin, 'jobs')
  await page.close()
  await admin.close()
}

/** Counts what the folders hold, and waits for the end. */
async function count(service: RunningService): Promise<void> {
  await service.call('POST', '/api/data/usage')
  while ((await service.call('GET', '/api/data/usage')).body.counting) await sleep(200)
}

async function fill(service: RunningService, person: string): Promise<void> {
  const rain = 'day,rain\n2025-01-01,2.5\n'
  const sum = createHash('sha256').update(rain).digest('hex')
  const own = `users/${encodeURIComponent(person)}/files`
  const files: [path: string, content: string | Buffer][] = [
    ['shared/files/datasets/rain/2025.csv', rain],
    ['shared/files/datasets/rain/dataset.yaml', facts('Rain in the north', `checksums: {2025.csv: ${sum}}`)],
    ['shared/files/datasets/scans/scans.bin', mebibytes(12)],
    ['shared/files/datasets/scans/dataset.yaml', facts('Chest scans, anonymised', '')],
    [`${own}/churn/models/forest.bin`, mebibytes(14)],
    [`${own}/churn/data/2025.parquet`, mebibytes(9)],
    [`${own}/churn/report.ipynb`, mebibytes(3)],
    [`${own}/figures/paper.png`, mebibytes(5)],
  ]
  for (const [path, content] of files) await put(service, path, content)
}

function facts(title: string, more: string): string {
  return `title: ${title}\ndescription: Daily sums of 214 stations since 1990.\nlicence: CC-BY-4.0\nsource: https://example.org/data\n${more}\n`
}

/** Uploads a file, and makes the folders that it needs. */
async function put(service: RunningService, path: string, body: string | Buffer): Promise<void> {
  const answer = await fetch(`${service.url}/api/${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${service.adminToken}`, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(Buffer.from(body)),
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
}
