/** The whole of a person's work at the console by keyboard alone, in real Chromium on the real engine, with real JupyterLab. */
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { barriersOf } from './support/axe.ts'
import { startBrowser } from './support/browser.ts'
import { startService } from './support/service.ts'
import { password, platformOf, setPassword } from './support/sign-in.ts'

const atMost = 60

const hasFocus = async (page: Page, wanted: Locator) => (await wanted.and(page.locator(':focus')).count()) === 1

/** Presses a key until the focus is where it is wanted, as a person does who sees the focus move. */
async function until(page: Page, key: 'Tab' | 'ArrowDown', wanted: Locator): Promise<void> {
  await wanted.waitFor()
  for (let presses = 0; presses < atMost; presses += 1) {
    if (await hasFocus(page, wanted)) return
    await page.keyboard.press(key)
  }
  throw new Error(`${atMost} presses of ${key} do not lead to ${wanted}`)
}

// Trouble (browser): a person who uses no mouse gets stuck somewhere between the sign-in and the sign-out
test('from sign-in to sign-out nobody needs a mouse: create, open, run a cell, stop, start, pause, resume, recreate, delete, add a person', async () => {
  await using service = await startService()
  await using browser = await startBrowser()
  await setPassword(service, 'admin')
  const tab = await browser.open(`${platformOf(service)}/`)
  const { page } = tab
  const { keyboard } = page
  const tabTo = (wanted: Locator) => until(page, 'Tab', wanted)
  const press = async (wanted: Locator) => {
    await tabTo(wanted)
    await keyboard.press('Enter')
  }
  /** Chooses from the menu of the environment. */
  const choose = async (item: string) => {
    await press(page.getByRole('button', { name: 'More actions: by keys' }))
    await until(page, 'ArrowDown', page.getByRole('menuitem', { name: item, exact: true }))
    await keyboard.press('Enter')
  }
  const inDialog = (name: string) => page.getByRole('dialog').getByRole('button', { name, exact: true })
  const becomes = (word: string) => page.locator('[data-status]').getByText(word, { exact: true }).waitFor()

  await tabTo(page.getByLabel('User id'))
  await keyboard.type('admin')
  await tabTo(page.getByLabel('Password'))
  await keyboard.type(password)
  await keyboard.press('Enter')

  await press(page.getByRole('main').getByRole('link', { name: 'New environment' }))
  const first = page.getByRole('radio', { name: 'jupyterlab' })
  await tabTo(first)
  await keyboard.press('ArrowDown')
  expect(await page.getByRole('radio', { name: 'minimal-notebook' }).getAttribute('aria-checked')).toBe('true')
  await keyboard.press('ArrowUp')
  expect(await first.getAttribute('aria-checked')).toBe('true')
  await tabTo(page.getByLabel('Name'))
  await keyboard.type('by keys')
  await keyboard.press('Enter')
  await becomes('Running')

  const opened = page.context().waitForEvent('page')
  await press(page.getByRole('link', { name: 'Open: by keys, opens in a new tab' }))
  const notebook = await runCell(await opened)
  await page.bringToFront()

  await choose('Stop')
  await until(page, 'Tab', inDialog('Stop'))
  expect(await barriersOf(page)).toEqual([])
  await keyboard.press('Enter')
  await becomes('Stopped')
  await press(page.getByRole('button', { name: 'Start: by keys' }))
  await becomes('Running')
  await choose('Pause')
  await becomes('Paused')
  await press(page.getByRole('button', { name: 'Resume: by keys' }))
  await becomes('Running')
  await choose('Recreate')
  await press(inDialog('Recreate'))
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await becomes('Running')
  await choose('Delete')
  await until(page, 'Tab', inDialog('Delete'))
  expect(await barriersOf(page)).toEqual([])
  await keyboard.press('Enter')
  await page.getByText('This environment is gone.').waitFor()

  await keyboard.press('Control+k')
  await page.getByPlaceholder('Search pages').waitFor()
  await keyboard.type('people')
  await page.getByRole('option', { name: 'People' }).first().waitFor()
  expect(await barriersOf(page)).toEqual([])
  await keyboard.press('Enter')
  await press(page.getByRole('button', { name: 'Add a person' }))
  await tabTo(page.getByRole('dialog').getByLabel('User id'))
  await keyboard.type('anna@lab')
  await press(page.getByRole('button', { name: 'Add, and make a link' }))
  await page.getByRole('group', { name: 'The link' }).waitFor()
  expect(await barriersOf(page)).toEqual([])
  await press(page.getByRole('dialog').getByRole('button', { name: 'Close' }).last())
  await page.getByRole('row', { name: /anna@lab/ }).waitFor()

  await press(page.getByRole('button', { name: 'Sign out' }))
  await page.getByLabel('User id').waitFor()
  const id = new URL(notebook).hostname.split('.')[0]
  // The page asks for the environment once more after its end: the browser itself reports the answer.
  expect(tab.failures.filter((each) => !each.endsWith(`/api/environments/${id}`))).toEqual([])
  expect(tab.complaints.filter((each) => !each.includes('status of 404'))).toEqual([])
})

/** Makes a notebook in JupyterLab and runs a cell in it; gives the address of the page. */
async function runCell(page: Page): Promise<string> {
  await page.locator('.jp-FileBrowser:not(.jp-mod-restoring)').waitFor()
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' })
  const { keyboard } = page
  await keyboard.press('Control+Shift+C')
  await page.locator('.lm-CommandPalette-input:focus').waitFor()
  await keyboard.type('new notebook')
  await page.locator('.lm-CommandPalette-item.lm-mod-active', { hasText: 'New Notebook' }).waitFor()
  await keyboard.press('Enter')
  await page.locator('.jp-Dialog').getByRole('button', { name: 'Select' }).waitFor()
  await keyboard.press('Enter')
  await page.getByText('Python 3 (ipykernel) | Idle').waitFor()
  await keyboard.press('Enter') // from the cell's frame into its text
  await page.locator('.jp-Notebook .cm-content:focus').waitFor()
  await keyboard.type('print(6 * 7)')
  await keyboard.press('Shift+Enter')
  await page.locator('.jp-OutputArea-output', { hasText: '42' }).waitFor()
  return page.url()
}
