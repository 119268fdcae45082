/** The file browser of the console, in a real browser. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SlowProxy, startSlowProxy } from '../support/slow-proxy.ts'
import { barriersOf } from './support/axe.ts'
import { type Browser, startBrowser, type Tab } from './support/browser.ts'
import { type RunningService, startService } from './support/service.ts'
import { setPassword, signInAs } from './support/sign-in.ts'

const execute = promisify(execFile)
/** A whole run may set it to 2 GiB. */
const bigBytes = Number(process.env.CONSOLE_UPLOAD_BYTES ?? 20 * 2 ** 20)
const quick = 2 ** 33
/** So slowly that the connection can be cut in the middle. */
const bytesPerSecond = Math.max(4 * 2 ** 20, bigBytes / 20)
const arrivesWithinMs = 120_000
const person = 'demo@ailab.com'

let browser: Browser
let service: RunningService
let proxy: SlowProxy
let lab: string
let own: string
let source: string
beforeAll(async () => {
  service = await startService()
  browser = await startBrowser()
  proxy = await startSlowProxy(Number(new URL(service.url).port), quick)
  lab = `http://localhost:${proxy.port}`
  own = join(service.dataDir, 'users', person)
  await service.call('POST', '/api/users', { body: { id: person } })
  await setPassword(service, person)
  await setPassword(service, 'admin')
  source = await mkdtemp(join(tmpdir(), 'ai-lab-e2e-'))
  // No two parts of it are alike.
  const cipher = 'openssl enc -aes-128-ctr -K 0123456789abcdef0123456789abcdef -iv 0 -in /dev/zero 2>/dev/null'
  await execute('sh', ['-c', `${cipher} | head -c ${bigBytes} > "$1"`, 'sh', join(source, 'big.bin')])
  await writeFile(join(source, 'notes.txt'), 'rain in the north\n')
  await mkdir(join(source, 'study/2025'), { recursive: true })
  await writeFile(join(source, 'study/readme.md'), '# Study\n')
  await writeFile(join(source, 'study/2025/rain.csv'), 'station,mm\nS1,12\nS2,7\n')
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await proxy?.[Symbol.asyncDispose]()
  await service?.[Symbol.asyncDispose]()
  await rm(source, { recursive: true, force: true })
})

async function openFiles(id: string, path: string): Promise<Tab> {
  const tab = await browser.open(`${lab}/sign-in?next=${encodeURIComponent(path)}`)
  await signInAs(id)(tab.page)
  await tab.page.getByRole('heading', { level: 2 }).first().waitFor()
  return tab
}

async function makeFolder(name: string): Promise<string> {
  await service.call('POST', `/api/users/${person}/files/${name}`, { body: { op: 'make-folder' } })
  return join(own, name)
}

/** Puts a file there as a notebook would: with the owner of the folder. */
async function put(name: string, content: string | Buffer): Promise<void> {
  const path = join(own, name)
  await writeFile(path, content)
  await execute('chown', ['--reference', own, path])
}

async function pick(page: Page, what: 'Files …' | 'A folder …', paths: string | string[]): Promise<void> {
  const chosen = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  await page.getByRole('menuitem', { name: what }).click()
  await (await chosen).setFiles(paths)
}

/** The places from which uploads went on. */
function offsetsOf(page: Page): number[] {
  const offsets: number[] = []
  page.on('response', async (answer) => {
    if (answer.request().method() === 'HEAD' && answer.url().includes('/api/uploads/'))
      offsets.push(Number(await answer.headerValue('upload-offset')))
  })
  return offsets
}

const stateOf = (page: Page, name: string) => page.locator(`[data-upload="${name}"]`).getAttribute('data-state')

/** Waits until a quarter of a file has been sent. */
async function untilMoving(page: Page, name: string): Promise<void> {
  const bar = page.getByRole('progressbar', { name: `Progress of ${name}` })
  const percent = async () => Number(await bar.getAttribute('aria-valuenow'))
  await expect.poll(percent, { timeout: arrivesWithinMs }).toBeGreaterThan(25)
}

// What the browser itself notes of a connection that is away, or of a refusal, is no fault of the page.
const ownComplaints = ({ complaints }: Tab) => complaints.filter((each) => !each.startsWith('Failed to load resource'))

test('two files and a folder are uploaded, and the one whose connection was cut goes on where it was', async () => {
  const folder = await makeFolder('first')
  const tab = await openFiles(person, '/console/files/data/first')
  const { page } = tab
  const offsets = offsetsOf(page)
  proxy.bytesPerSecond = bytesPerSecond
  await pick(page, 'Files …', [join(source, 'big.bin'), join(source, 'notes.txt')])
  await untilMoving(page, 'big.bin')
  proxy.goDown()
  await expect.poll(() => stateOf(page, 'big.bin')).toBe('trying')
  proxy.comeBack()
  proxy.bytesPerSecond = quick
  await pick(page, 'A folder …', join(source, 'study'))
  // Other pages can be opened meanwhile.
  await page.getByRole('link', { name: 'Account' }).click()
  await page.getByText('4 files are uploaded.').waitFor({ timeout: arrivesWithinMs })
  await page.goBack()
  for (const name of ['big.bin', 'notes.txt', 'study']) await page.locator(`[data-entry="${name}"]`).waitFor()
  expect(offsets[0]).toBeGreaterThan(0)
  await execute('cmp', [join(source, 'big.bin'), join(folder, 'big.bin')])
  await execute('diff', ['-r', join(source, 'study'), join(folder, 'study')])
  expect(await readFile(join(folder, 'notes.txt'), 'utf8')).toBe('rain in the north\n')
  expect(ownComplaints(tab)).toEqual([])
})

test('a page that is loaded again goes on with the same file where it was', async () => {
  const folder = await makeFolder('again')
  const tab = await openFiles(person, '/console/files/data/again')
  const { page } = tab
  const offsets = offsetsOf(page)
  proxy.bytesPerSecond = bytesPerSecond
  await pick(page, 'Files …', join(source, 'big.bin'))
  await untilMoving(page, 'big.bin')
  const asked = page.waitForEvent('dialog')
  const reloading = page.reload()
  const dialog = await asked
  expect(dialog.type()).toBe('beforeunload')
  await dialog.accept()
  await reloading
  proxy.bytesPerSecond = quick
  await page.getByText('1 upload was not finished').waitFor()
  await pick(page, 'Files …', join(source, 'big.bin'))
  await page.getByText('1 file is uploaded.').waitFor({ timeout: arrivesWithinMs })
  expect(offsets.at(-1)).toBeGreaterThan(0)
  await execute('cmp', [join(source, 'big.bin'), join(folder, 'big.bin')])
  const unfinished = (await readdir(join(service.dataDir, 'admin/uploads'))).filter((name) => name !== 'finished')
  expect([unfinished, ownComplaints(tab)]).toEqual([[], []])
})

test('a name that is taken is asked about: both files are kept, or the old one is replaced', async () => {
  const folder = await makeFolder('taken')
  await put('taken/notes.txt', 'old')
  const { page, complaints } = await openFiles(person, '/console/files/data/taken')
  await page.locator('[data-entry="notes.txt"]').waitFor()
  await pick(page, 'Files …', join(source, 'notes.txt'))
  await page.getByRole('button', { name: 'Keep both' }).waitFor()
  expect(await barriersOf(page)).toEqual([])
  await page.getByRole('button', { name: 'Keep both' }).click()
  await page.locator('[data-entry="notes (2).txt"]').waitFor()
  await pick(page, 'Files …', join(source, 'notes.txt'))
  await page.getByRole('button', { name: 'Replace' }).click()
  await expect.poll(() => readFile(join(folder, 'notes.txt'), 'utf8')).toBe('rain in the north\n')
  expect(await readFile(join(folder, 'notes (2).txt'), 'utf8')).toBe('rain in the north\n')
  expect(complaints.filter((each) => !each.includes('404'))).toEqual([])
})

test('a name that somebody takes while a file is on its way is asked about, with what it costs', async () => {
  const folder = await makeFolder('late')
  const tab = await openFiles(person, '/console/files/data/late')
  const { page } = tab
  await page.getByText('This folder is empty').waitFor()
  proxy.bytesPerSecond = bytesPerSecond
  await pick(page, 'Files …', join(source, 'big.bin'))
  await untilMoving(page, 'big.bin')
  await put('late/big.bin', 'mine')
  proxy.bytesPerSecond = quick
  await page.getByText('it is sent once more').waitFor({ timeout: arrivesWithinMs })
  await page.getByRole('button', { name: 'Keep both' }).click()
  await page.getByText('1 file is uploaded.').waitFor({ timeout: arrivesWithinMs })
  await execute('cmp', [join(source, 'big.bin'), join(folder, 'big (2).bin')])
  expect([await readFile(join(folder, 'big.bin'), 'utf8'), ownComplaints(tab)]).toEqual(['mine', []])
})

/** Goes on from control to control, as the Tab key does, until one has that name. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab')
    const here = await page.evaluate<string>(
      `(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '')`,
    )
    if (here.trim() === name) return
  }
  throw new Error(`No press of Tab led to ${name}.`)
}

test('by keyboard alone: make a folder, rename it, delete it and take that back', async () => {
  await makeFolder('keys')
  const { page, complaints } = await openFiles(person, '/console/files/data/keys')
  await page.getByText('This folder is empty').waitFor()
  const { keyboard } = page
  await tabTo(page, 'New folder')
  await keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await expect.poll(() => page.evaluate('document.activeElement?.tagName')).toBe('INPUT')
  await keyboard.type('plots')
  await keyboard.press('Enter')
  await page.locator('[data-entry="plots"]').waitFor()
  await page.getByRole('dialog').waitFor({ state: 'detached' })

  await tabTo(page, 'Actions for plots')
  await keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Rename', exact: true }).waitFor()
  await choose(page, 'Rename')
  await page.getByRole('dialog').waitFor()
  await expect.poll(() => page.evaluate('document.activeElement?.tagName')).toBe('INPUT')
  await makeFolder('keys/taken')
  await keyboard.type('taken')
  await keyboard.press('Enter')
  await page.getByRole('dialog').getByRole('alert').waitFor()
  await keyboard.press('Control+A') // after the refusal the person goes on in the field
  await keyboard.type('figures')
  await keyboard.press('Enter')
  await page.locator('[data-entry="figures"]').waitFor()
  await rm(join(own, 'keys/taken'), { recursive: true })
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await readdir(join(own, 'keys'))).toEqual(['figures'])

  await tabTo(page, 'Actions for figures')
  await keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Delete' }).waitFor()
  await choose(page, 'Delete')
  await page.getByText('figures is in the trash.').waitFor()
  await expect.poll(() => readdir(join(own, 'keys'))).toEqual([])
  await tabTo(page, 'Undo')
  await keyboard.press('Enter')
  await page.getByText('figures is back.').waitFor()
  await page.locator('[data-entry="figures"]').waitFor()
  expect(await readdir(join(own, 'keys'))).toEqual(['figures'])
  expect(complaints).toEqual([expect.stringContaining('status of 409')]) // the one refusal
})

/** Goes down an open menu to an item, and presses it. */
async function choose(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 10; presses += 1) {
    await page.keyboard.press('ArrowDown')
    if ((await page.evaluate('document.activeElement?.textContent')) === name) return await page.keyboard.press('Enter')
  }
  throw new Error(`The menu has no ${name}.`)
}

const attack = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'

test('nothing in a preview runs, whatever is in the file', async () => {
  await makeFolder('hostile')
  const outputs = [
    { output_type: 'display_data', data: { 'text/html': attack } },
    { output_type: 'display_data', data: { 'application/javascript': 'window.pwned=1' } },
    {
      output_type: 'display_data',
      data: { 'image/svg+xml': `<svg xmlns="http://www.w3.org/2000/svg">${attack}</svg>` },
    },
    { output_type: 'display_data', data: { 'image/png': Buffer.from(attack).toString('base64') } },
    { output_type: 'stream', text: attack },
  ]
  const cells = [
    { cell_type: 'markdown', source: [attack, 'the words'] },
    { cell_type: 'code', source: attack, outputs },
  ]
  await put('hostile/a.ipynb', JSON.stringify({ nbformat: 4, cells }))
  await put(
    'hostile/b.svg',
    `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="window.pwned=1"><script>window.pwned=1</script><style>rect { fill: red }</style><rect style="fill: red" onclick="window.pwned=1"/></svg>`,
  )
  // Ten times ten times ten …: drawn, the page would stand still for ever.
  const levels = Array.from({ length: 12 }, (_, n) => `<g id="g${n + 1}">${`<use href="#g${n}"/>`.repeat(10)}</g>`)
  await put(
    'hostile/bomb.svg',
    `<svg xmlns="http://www.w3.org/2000/svg"><rect id="g0" width="9" height="9"/>${levels.join('')}</svg>`,
  )
  await put('hostile/c.csv', `${attack},b\n${attack},1\n`)
  await put('hostile/d.html', attack)
  await put('hostile/e.png', attack)
  await put(`hostile/${'😀'.repeat(60)}.txt`, 'x')
  await symlink('/etc/passwd', join(own, 'hostile/passwords'))
  await execute('mkfifo', [join(own, 'hostile/pipe')])
  const { page, complaints, requests } = await openFiles(person, '/console/files/data/hostile')
  await page.getByText('leads to /etc/passwd').waitFor()
  expect(await page.getByRole('link', { name: /pipe|passwords/ }).count()).toBe(0)
  const shown: [name: string, words: string][] = [
    ['a.ipynb', 'the words'],
    ['b.svg', 'Size'],
    ['bomb.svg', 'for too long'],
    ['c.csv', 'onerror'],
    ['d.html', 'onerror'],
    ['e.png', 'This is not a picture'],
  ]
  for (const [name, words] of shown) {
    await page.goto(`${lab}/console/files/data/hostile/${name}`)
    await page.locator('[data-preview]').waitFor()
    await page.getByText(words).first().waitFor()
    expect(await page.evaluate('window.pwned')).toBeUndefined()
  }
  await page.goto(`${lab}/console/files/data/hostile/b.svg`)
  await page.getByRole('img', { name: 'The picture b.svg' }).waitFor()
  expect(requests.filter((url) => !url.startsWith(lab) && !url.startsWith('blob:'))).toEqual([])
  expect(complaints).toEqual([])
})

test('only an administrator changes shared/ and sees the files of another person', async () => {
  const tab = await openFiles(person, '/console/files/shared')
  const { page } = tab
  const makes = (of: Page) => of.getByRole('button', { name: 'New folder' })
  await page.getByRole('search').waitFor()
  await page.getByRole('status', { name: 'Loading' }).waitFor({ state: 'detached' })
  expect(await makes(page).count()).toBe(0)
  await mkdir(join(service.dataDir, 'shared/course'))
  await writeFile(join(service.dataDir, 'shared/course/task.md'), 'task')
  await page.goto(`${lab}/console/files/shared/course`)
  await page.locator('[data-entry="task.md"]').getByRole('button', { name: 'Actions for task.md' }).click()
  expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Download'])
  await page.keyboard.press('Escape')
  await page.getByText('You can read this folder.').waitFor()
  expect(await barriersOf(page)).toEqual([])
  await service.call('POST', '/api/shared/openings', { body: { path: 'course', user_id: person } })
  await page.reload()
  await makes(page).waitFor()
  await page.goto(`${lab}/console/files/of/admin`)
  await page.getByText('There is no such page.').waitFor()
  await page.close()

  const admin = await openFiles('admin', `/console/files/of/${encodeURIComponent(person)}`)
  await admin.page.locator('[data-entry="hostile"]').waitFor()
  await admin.page.goto(`${lab}/console/files/shared`)
  await admin.page.getByRole('button', { name: 'New folder' }).click()
  await admin.page.getByLabel('Name of the folder').fill('team')
  await admin.page.getByRole('dialog').getByRole('button', { name: 'New folder' }).click()
  await admin.page.locator('[data-entry="team"]').waitFor()
  expect([ownComplaints(tab), admin.complaints]).toEqual([[], []])
})

test('the pages of files have no barriers, in light and dark and on a phone', async () => {
  await makeFolder('open')
  await makeFolder('open/very/deep')
  await put('open/rain.csv', 'station,mm\nS1,12\n')
  await put('open/train.py', 'print(1)\n')
  await put(
    'open/a.ipynb',
    JSON.stringify({
      cells: [{ cell_type: 'code', source: '1', outputs: [{ output_type: 'error', traceback: ['no'] }] }],
    }),
  )
  await put('open/gone.txt', 'x')
  await service.call('DELETE', `/api/users/${person}/files/open/gone.txt`)
  const { page, complaints } = await openFiles(person, '/console/files/data/open')
  await page.locator('[data-entry="rain.csv"]').waitFor()
  await pick(page, 'Files …', join(source, 'notes.txt'))
  await page.getByText('1 file is uploaded.').waitFor()
  await page.getByLabel('Choose rain.csv').check()
  expect(await barriersOf(page)).toEqual([])
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Move' }).click()
  await page.getByRole('button', { name: 'Move here' }).waitFor()
  await page.getByLabel('Search for a folder below').fill('dee')
  await page.getByRole('button', { name: 'very/deep' }).waitFor()
  expect(await barriersOf(page)).toEqual([])
  await page.getByRole('button', { name: 'very/deep' }).click()
  await page.getByRole('button', { name: 'Move here' }).click()
  await expect.poll(() => readdir(join(own, 'open/very/deep'))).toEqual(['rain.csv'])
  await service.call('POST', `/api/users/${person}/files/open/very/deep/rain.csv`, {
    body: { op: 'move', to: 'open/rain.csv' },
  })
  await page.getByRole('button', { name: 'New folder' }).click()
  await page.getByLabel('Name of the folder').fill('a/b')
  expect(await barriersOf(page)).toEqual([])
  await page.goto(`${lab}/console/files/trash`)
  for (const act of ['Restore: gone.txt', 'Remove for good: gone.txt', 'Remove all for good']) {
    await page.getByRole('button', { name: act }).click()
    await page.getByRole('dialog').waitFor()
    expect([act, await barriersOf(page)]).toEqual([act, []])
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  }
  await page.setViewportSize({ width: 360, height: 800 })
  const pages: [path: string, words: string][] = [
    ['data/open', 'rain.csv'],
    ['data/open/rain.csv', 'station'],
    ['data/open/train.py', 'print'],
    ['data/open/a.ipynb', 'Size'],
    ['trash', 'gone.txt'],
  ]
  for (const [path, words] of pages) {
    await page.goto(`${lab}/console/files/${path}`)
    await page.getByText(words).first().waitFor()
    expect([path, await barriersOf(page)]).toEqual([path, []])
    const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
    expect([path, isWide]).toEqual([path, false])
  }
  expect(complaints).toEqual([])
})

// Trouble: A person closes a question that is still on its way, asks another one, and loses what they typed there.
test('a question that was closed on its way closes no other one; a trash is emptied only of what was there when the person was asked', async () => {
  await makeFolder('asked')
  await put('asked/a.txt', 'a')
  const { page, complaints } = await openFiles(person, '/console/files/data/asked')
  const held = Promise.withResolvers<void>()
  await page.route('**/files/asked/a.txt', async (route) => {
    if (route.request().method() === 'POST') await held.promise
    await route.continue()
  })
  await page.getByRole('button', { name: 'Actions for a.txt' }).click()
  await page.getByRole('menuitem', { name: 'Rename', exact: true }).click()
  await page.getByLabel('New name').fill('b.txt')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.getByLabel('New name').isDisabled()).toBe(true)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'New folder' }).click()
  await page.getByLabel('Name of the folder').fill('half typed')
  held.resolve()
  await page.locator('[data-entry="b.txt"]').waitFor()
  expect(await page.getByLabel('Name of the folder').inputValue()).toBe('half typed')

  const remove = (name: string) => service.call('DELETE', `/api/users/${person}/files/asked/${name}`)
  await put('asked/later.txt', 'x')
  await remove('b.txt')
  await page.goto(`${lab}/console/files/trash`)
  await page.getByRole('button', { name: 'Remove all for good' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText(/^This removes \d+ entr/).waitFor()
  await remove('later.txt')
  await dialog.getByRole('button', { name: 'Remove all for good' }).click()
  await page.getByText(/removed for good\.$/).waitFor()
  await page.locator('[data-trashed="asked/later.txt"]').waitFor()
  expect(await page.locator('[data-trashed]').count()).toBe(1)
  expect(complaints).toEqual([])
})

// Trouble: A question comes while a person types, and their next Space answers it.
test('the question about a taken name waits while a person types, and opens when they stop', async () => {
  await makeFolder('typed')
  await put('typed/notes.txt', 'older')
  const { page, complaints } = await openFiles(person, '/console/files/data/typed')
  const held = Promise.withResolvers<void>()
  await page.route('**/files/typed/notes.txt*', async (route) => {
    await held.promise
    await route.continue()
  })
  await page.locator('[data-entry="notes.txt"]').waitFor()
  await pick(page, 'Files …', join(source, 'notes.txt'))
  await page.getByRole('button', { name: 'New folder' }).click()
  await page.getByLabel('Name of the folder').fill('mine')
  held.resolve()
  await page.getByText('1 name is taken.').waitFor()
  expect(await page.getByRole('dialog').count()).toBe(1)
  await page.keyboard.type(' too')
  expect(await page.getByLabel('Name of the folder').inputValue()).toBe('mine too')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Keep both' }).click()
  await page.getByText('1 file is uploaded.').waitFor()
  expect(complaints).toEqual([])
})
