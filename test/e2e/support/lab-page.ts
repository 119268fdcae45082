import type { Page } from 'playwright-core'
import { vi } from 'vitest'
import type { Browser, Tab } from './browser.ts'

/** JupyterLab in a browser, and the actions of a person in it. */
export type LabPage = Tab & {
  /** The names in the file browser for a folder of the home, such as `shared/datasets`; '' is the home itself. */
  files(folder: string): Promise<string[]>
  /** Makes a notebook in the folder that the file browser shows, and waits for its kernel. */
  newNotebook(): Promise<void>
  /** Chooses a kernel for a notebook that lost its own. */
  chooseKernel(): Promise<void>
  /** Puts code into the last cell of the notebook and runs it, without waiting for its end. */
  begin(code: string): Promise<void>
  /** The output of the newest run cell, once it has ended. */
  result(): Promise<string>
  /** Runs code and gives its output: `begin`, then `result`. */
  run(code: string): Promise<string>
  /** Saves the new notebook under a name. */
  save(name: string): Promise<void>
  /** Opens a notebook of the folder that the file browser shows, and gives its whole text. */
  openNotebook(name: string): Promise<string>
}

/** Opens an environment at its `access_url`: in the person's own folder. `first` does what comes before it, such as a sign-in. */
export async function openLab(
  browser: Browser,
  accessUrl: string,
  { first = async () => {} }: { first?: (page: Page) => Promise<void> } = {},
): Promise<LabPage> {
  const tab = await browser.open(accessUrl)
  const { page } = tab
  await first(page)
  const listing = page.locator('.jp-DirListing-item')
  const listed = (name: string) => listing.filter({ has: page.getByText(name, { exact: true }) })
  const cells = page.locator('.jp-Notebook .jp-CodeCell')
  // JupyterLab ignores a cell that is run before there is a kernel.
  const kernelIsReady = () => page.getByText('Python 3 (ipykernel) | Idle').waitFor()
  // JupyterLab redraws the list now and then: the second click of a double click may hit another element.
  const open = async (name: string) => {
    await listed(name).click({ timeout: 5_000 })
    await page.keyboard.press('Enter')
  }
  const crumbs = page.locator('.jp-BreadCrumbs-item')
  const showHome = async () => {
    await page.locator('.jp-BreadCrumbs-home').click()
    await crumbs.first().waitFor({ state: 'detached', timeout: 5_000 })
  }
  const showFolder = async (path: string) => {
    await open(path.slice(path.lastIndexOf('/') + 1))
    await page.locator(`.jp-BreadCrumbs-item[title="${path}"]`).waitFor({ timeout: 5_000 })
  }
  // JupyterLab returns to the folder of before when it refreshes its list at the instant of a click: then a person clicks again.
  const goTo = async (folder: string) => {
    await showHome()
    const names = folder.split('/').filter(Boolean)
    for (const index of names.keys()) await showFolder(names.slice(0, index + 1).join('/'))
  }
  // Until then JupyterLab goes to its last folder by itself, whatever a test clicks.
  await page.locator('.jp-FileBrowser:not(.jp-mod-restoring)').waitFor()
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' })

  // JupyterLab shows this dialog when its server was away for a while, and goes on in any case.
  const dismiss = page.locator('.jp-Dialog', { hasText: 'Server Connection Error' }).getByRole('button')
  await page.addLocatorHandler(dismiss, () => dismiss.click())

  const lab: LabPage = {
    ...tab,
    async files(folder) {
      await vi.waitFor(() => goTo(folder), { timeout: 30_000, interval: 100 })
      await page.getByTitle('Refresh the file browser.').click()
      return listing.locator('.jp-DirListing-itemText').allTextContents()
    },
    async newNotebook() {
      await page.locator('.jp-LauncherCard[data-category="Notebook"]').click()
      await kernelIsReady()
    },
    async chooseKernel() {
      await page.locator('.jp-Toolbar-kernelName', { hasText: 'No Kernel' }).click()
      await page.locator('.jp-Dialog').getByRole('button', { name: 'Select' }).click()
      await kernelIsReady()
    },
    async begin(code) {
      await cells.last().locator('.cm-content').click()
      await page.keyboard.insertText(code)
      await page.keyboard.press('Shift+Enter')
    },
    async result() {
      const cell = cells.nth(-2) // the last cell is new and empty
      await cell.locator('.jp-InputPrompt', { hasText: /\[\d+\]/ }).waitFor()
      return (await cell.locator('.jp-OutputArea-output').allTextContents()).join('')
    },
    async run(code) {
      await lab.begin(code)
      return lab.result()
    },
    async save(name) {
      await page.keyboard.press('Control+s')
      await page.locator('.jp-Dialog input').first().fill(name)
      await page.getByRole('button', { name: 'Rename' }).click()
      await page.locator('.lm-TabBar-tab:not(.jp-mod-dirty)', { hasText: name }).waitFor()
    },
    async openNotebook(name) {
      await open(name)
      await kernelIsReady()
      return (await page.locator('.jp-Notebook').textContent()) ?? ''
    },
  }
  return lab
}
