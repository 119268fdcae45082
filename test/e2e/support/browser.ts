import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { project } from './service.ts'

/** Debian's Chromium. */
export type Browser = AsyncDisposable & {
  /** Opens a page for a person who shares no cookies and no storage with anybody else. */
  open(url: string): Promise<Tab>
}

export type Tab = {
  page: Page
  /** The addresses of all requests of the page. */
  requests: string[]
  /** The requests that were refused or found nothing: status and address. */
  failures: string[]
  /** The errors on the page's console, and the uncaught errors. */
  complaints: string[]
}

/** The script says why it is not /usr/bin/chromium itself. */
export const program = join(project, 'test/e2e/support/chromium')

/**
 * `whole` is what people use, with a window that nobody sees. `shell` is the same without tabs, menus and settings: the same
 * engine, cookies and origins for a third of the CPU, and nothing but the engine between a page and the service.
 */
const programs = { whole: '/usr/bin/chromium', shell: '/usr/bin/chromium-headless-shell' }

export const envOf = (kind: keyof typeof programs) => ({ ...process.env, CHROMIUM: programs[kind] })

/** Chromium reaches only this machine, whatever a page or Chromium itself asks for. */
export const loopbackOnly = (lab: string | null) => [
  '--no-proxy-server',
  `--host-resolver-rules=${lab ? `MAP ${lab} 127.0.0.1, MAP *.${lab} 127.0.0.1, ` : ''}MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1`,
  ...(lab ? ['--ignore-certificate-errors'] : []),
]

/** `lab`: a host name that leads to this machine, with all below it, behind certificates of its own making. */
export async function startBrowser({
  lab = null,
  kind = 'shell',
}: {
  lab?: string | null
  kind?: keyof typeof programs
} = {}): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: program,
    env: envOf(kind),
    args: loopbackOnly(lab),
    chromiumSandbox: process.getuid?.() !== 0, // Chromium refuses a sandbox as root
  })
  return {
    async open(url) {
      const context = await browser.newContext()
      const page = await context.newPage()
      const tab: Tab = { page, requests: [], failures: [], complaints: [] }
      page.on('request', (request) => tab.requests.push(request.url()))
      page.on('response', (answer) => answer.status() >= 400 && tab.failures.push(`${answer.status()} ${answer.url()}`))
      page.on('console', (message) => {
        if (message.type() === 'error') tab.complaints.push(`${message.text()} (${message.location().url})`)
      })
      page.on('pageerror', (error) => tab.complaints.push(error.message))
      await page.goto(url)
      return tab
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}
