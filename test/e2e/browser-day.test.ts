/** A day at a browser: all that a person does in JupyterLab through the gateway, while the service is restarted and killed. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GatewayProcess } from '../support/gateway-process.ts'
import { rounds } from '../support/rounds.ts'
import { type Browser, startBrowser } from './support/browser.ts'
import { gatewayOf } from './support/gateway-of.ts'
import { type LabPage, openLab } from './support/lab-page.ts'
import { type RunningService, startService } from './support/service.ts'
import { openHere, platformOf, setPassword, signInAs } from './support/sign-in.ts'

const chunkMebibytes = 64
const sizeMebibytes = rounds(16) * chunkMebibytes
const mebibyte = 2 ** 20

let service: RunningService
let gateway: GatewayProcess
let browser: Browser
let folder: string
let lab: LabPage
let sockets: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-day-'))
  service = await startService({ env: { GATEWAY: 'apart' } })
  gateway = await gatewayOf(service)
  await setPassword(service, 'admin')
  browser = await startBrowser()
  lab = await openLab(browser, `${platformOf(service)}/`, { first: createAndOpen })
  await lab.files('data')
  await lab.newNotebook()
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await gateway?.[Symbol.asyncDispose]()
  await service?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** Signs in, creates an environment in the console, and opens it while it is still starting. */
async function createAndOpen(page: Page): Promise<void> {
  sockets = []
  page.on('websocket', (socket) => sockets.push(new URL(socket.url()).pathname))
  await signInAs('admin')(page)
  await page.getByRole('main').getByRole('link', { name: 'New environment' }).click()
  await page.getByRole('button', { name: 'Create' }).click()
  await openHere(page)
}

const onDisk = (name: string) => join(service.dataDir, 'users/admin', name)

// Trouble (worst): the service is restarted, then killed, under a cell that runs
test('a cell prints on while the service is restarted and then killed, and the page opens no second connection', async () => {
  expect(lab.page.url()).toMatch(/^http:\/\/ai-lab-jupyterlab-\w{6}\.localhost:/)
  const before = [...sockets]
  expect(before.some((path) => path.endsWith('/channels'))).toBe(true)
  await lab.begin('import time\nfor at in range(100): print(at, end=" ", flush=True); time.sleep(0.1)')
  await service.end()
  await service.startAgain()
  await service.end('SIGKILL')
  await service.startAgain()
  const printed = Array.from({ length: 100 }, (_, at) => `${at} `).join('')
  expect(await lab.result()).toBe(printed)
  expect(sockets).toEqual(before)
})

test('a plot shows in the notebook, and a terminal writes a file that lies in the data root', async () => {
  await lab.begin('import matplotlib.pyplot as plot\n_ = plot.plot([1, 4, 9])')
  const image = lab.page.locator('.jp-Notebook .jp-RenderedImage img').last()
  await image.waitFor()
  expect(await image.evaluate((shown: { naturalWidth: number }) => shown.naturalWidth)).toBeGreaterThan(100)

  await lab.page.keyboard.press('Control+Shift+L')
  await lab.page.locator('.jp-LauncherCard[data-category="Other"]', { hasText: 'Terminal' }).click()
  await lab.page.locator('.jp-Terminal .xterm-helper-textarea').waitFor({ state: 'attached' })
  await lab.page.locator('.jp-Terminal .xterm-screen').click()
  await lab.page.keyboard.type('echo $((6 * 7)) > /home/jovyan/data/from-the-terminal\n')
  await expect.poll(() => readFile(onDisk('from-the-terminal'), 'utf8').catch(() => '')).toBe('42\n')
})

// Trouble (cost): a person brings a data set of a gigabyte by dragging it into the page
test(`a file of ${sizeMebibytes} MiB goes up from the browser and comes down again, octet by octet, while the service is killed`, async () => {
  const file = join(folder, 'measured.bin')
  await writeRandom(file)
  const chooser = lab.page.waitForEvent('filechooser')
  await lab.page.locator('.jp-id-upload').click()
  await (await chooser).setFiles(file)
  await lab.page.locator('.jp-Dialog').getByRole('button', { name: 'Upload' }).click()
  await service.end('SIGKILL')
  await service.startAgain()
  const size = async () => (await stat(onDisk('measured.bin')).catch(() => ({ size: 0 }))).size
  await expect.poll(size, { timeout: 240_000, interval: 500 }).toBe(sizeMebibytes * mebibyte)
  await lab.page.locator('.jp-DirListing-item', { hasText: 'measured.bin' }).waitFor()
  await requireSame(file, onDisk('measured.bin'))

  const started = lab.page.waitForEvent('download')
  await lab.page.locator('.jp-DirListing-item', { hasText: 'measured.bin' }).click({ button: 'right' })
  await lab.page.getByRole('menuitem', { name: 'Download', exact: true }).click()
  const download = await started
  await service.end('SIGKILL')
  await service.startAgain()
  await requireSame(file, await download.path())
}, 600_000)

/** A big file of which no two parts are alike. */
async function writeRandom(path: string): Promise<void> {
  await using handle = await open(path, 'w')
  const chunk = randomBytes(chunkMebibytes * mebibyte)
  for (let written = 0; written < sizeMebibytes * mebibyte; written += chunk.length) {
    chunk.writeUInt32LE(written / chunk.length)
    await handle.write(chunk)
  }
  await handle.sync() // what is still to be written would hold up the database of the service that starts next
}

/** @throws Error that names the first octet in which the files differ */
async function requireSame(one: string, other: string): Promise<void> {
  await promisify(execFile)('cmp', [one, other])
}
