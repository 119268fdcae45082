/** Other people's clients at the path form, with an API token: JupyterLab's own library, and Python's websocket-client. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PageConfig } from '@jupyterlab/coreutils'
import { type Kernel, KernelMessage, ServerConnection, ServiceManager } from '@jupyterlab/services'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBrowser } from './support/browser.ts'
import { createNotebook } from './support/notebook.ts'
import { project, type RunningService, startService } from './support/service.ts'
import { platformOf, setPassword, signInAs } from './support/sign-in.ts'

let service: RunningService
let base: string
let id: string

beforeAll(async () => {
  service = await startService()
  id = (await createNotebook(service)).id
  base = `${service.gatewayUrl}/env/${id}`
})
afterAll(() => service?.[Symbol.asyncDispose]())

describe('@jupyterlab/services', () => {
  let lab: ServiceManager

  beforeAll(async () => {
    const { fetch, Headers, Request, WebSocket } = globalThis
    PageConfig.setOption('terminalsAvailable', 'true') // in a browser JupyterLab's page says so
    const settings = { baseUrl: base, token: service.adminToken, fetch, Headers, Request, WebSocket }
    lab = new ServiceManager({ serverSettings: ServerConnection.makeSettings(settings) })
    await lab.ready
  })
  afterAll(() => lab?.dispose())

  test('it starts a kernel, lists it, and gets what code prints and plots', async () => {
    const kernel = await lab.kernels.startNew({ name: 'python3' })
    await lab.kernels.refreshRunning()
    expect(Array.from(lab.kernels.running(), ({ id }) => id)).toContain(kernel.id)
    expect(await run(kernel, 'print(6 * 7)')).toMatchObject({ reply: { status: 'ok' }, printed: '42\n' })
    const { images } = await run(kernel, 'import matplotlib.pyplot as plot\n_ = plot.plot([1, 4, 9])')
    expect(images.map((image) => Buffer.from(image, 'base64').toString('latin1', 1, 4))).toEqual(['PNG'])
    await kernel.shutdown()
  })

  test('it interrupts a cell that runs, and restarts the kernel, which forgets its variables', async () => {
    const kernel = await lab.kernels.startNew({ name: 'python3' })
    await run(kernel, 'kept = 1')
    const endless = run(kernel, 'import time\nprint("begun", flush=True)\nwhile True: time.sleep(0.1)', () =>
      kernel.interrupt(),
    )
    expect(await endless).toMatchObject({ reply: { status: 'error', ename: 'KeyboardInterrupt' }, printed: 'begun\n' })
    expect((await run(kernel, 'print("kept" in globals())')).printed).toBe('True\n')
    await kernel.restart()
    expect((await run(kernel, 'print("kept" in globals())')).printed).toBe('False\n')
    await kernel.shutdown()
  })

  test('it saves, reads, renames and deletes a file, which lies in the data root meanwhile', async () => {
    const onDisk = (name: string) => readFile(join(service.dataDir, 'users/admin', name), 'utf8')
    await lab.contents.save('data/a table.csv', { type: 'file', format: 'text', content: 'week,churned\n' })
    expect((await lab.contents.get('data/a table.csv')).content).toBe('week,churned\n')
    await lab.contents.rename('data/a table.csv', 'data/größe.csv')
    expect(await onDisk('größe.csv')).toBe('week,churned\n')
    await lab.contents.delete('data/größe.csv')
    await expect(onDisk('größe.csv')).rejects.toThrow('ENOENT')
  })

  test('it opens a session for a notebook, and a terminal, and ends both', async () => {
    const notebook = { path: 'data/a.ipynb', name: 'a.ipynb', type: 'notebook', kernel: { name: 'python3' } }
    const session = await lab.sessions.startNew(notebook)
    expect((await lab.sessions.findByPath('data/a.ipynb'))?.id).toBe(session.id)
    await session.shutdown()
    await lab.sessions.refreshRunning()
    expect([...lab.sessions.running()]).toEqual([])

    const terminal = await lab.terminals.startNew()
    let shown = ''
    terminal.messageReceived.connect((_, { type, content }) => {
      if (type === 'stdout') shown += content
    })
    terminal.send({ type: 'stdin', content: ['echo $((6 * 7)) from the terminal\n'] })
    await expect.poll(() => shown).toContain('42 from the terminal')
    await terminal.shutdown()
    await lab.terminals.refreshRunning()
    expect([...lab.terminals.running()]).toEqual([])
  })
})

describe("Python's websocket-client", () => {
  const header = (token: string) => ({ header: [`Authorization: Bearer ${token}`] })

  test.for([
    ['the token in the header', (token: string) => header(token)],
    ['the token in the address', (token: string) => ({ query: `?token=${token}` })],
    ['no header Origin', (token: string) => ({ ...header(token), suppress_origin: true })],
    ['the Origin of a page elsewhere', (token: string) => ({ ...header(token), origin: 'https://elsewhere.example' })],
  ] as const)('it runs code with %s', async ([, options]) => {
    expect(await python(options(service.adminToken), 'print(6 * 7)')).toBe('42\n')
  })

  // Trouble (worst): a client whose token is not accepted hangs in the handshake of its WebSocket
  test('its handshake is refused at once without a token, with an unknown one, and with one that may not open', async () => {
    const options = { body: { user_id: 'admin', name: 'reads', scopes: ['environments:read'] } }
    const { body } = await service.call('POST', '/api/tokens', options)
    const refusal = (option: object) => python(option, 'print("in")')
    expect(await refusal({})).toBe('refused with 401\n')
    expect(await refusal(header('ailab_unknown'))).toBe('refused with 401\n')
    expect(await refusal({ query: '?token=ailab_unknown' })).toBe('refused with 401\n')
    expect(await refusal(header(body.token))).toBe('refused with 403\n')
  })

  /** Debian's Python, which has Debian's package of that client. */
  async function python(options: object, code: string): Promise<string> {
    const script = join(project, 'test/e2e/support/run-code.py')
    const args = [script, base, service.adminToken, JSON.stringify(options), code]
    return (await promisify(execFile)('/usr/bin/python3', args, { timeout: 30_000 })).stdout
  }
})

// Trouble (first-hour): a person copies a command from a page, and it does not work
test('what the console shows to copy works as it is: VS Code’s address, the program with the library, and curl', async () => {
  await setPassword(service, 'admin')
  await using browser = await startBrowser()
  const { page } = await browser.open(`${platformOf(service)}/console/environments/${id}`)
  await signInAs('admin')(page)
  await page.getByRole('tab', { name: 'Programs' }).click()
  /** The text behind a tab, with a real token in the place of the dots. */
  const copied = async (name: string) => {
    await page.getByRole('tab', { name }).click()
    const text = (await page.getByRole('group', { name, exact: true }).textContent()) ?? ''
    expect(text).toContain('…')
    return text.replace('…', service.adminToken)
  }

  const address = new URL(await copied('VS Code'))
  // VS Code asks the server at that address, with the token as its parameter or in its header.
  const token = address.searchParams.get('token') ?? ''
  expect((await fetch(new URL(`api/kernelspecs?token=${token}`, address))).status).toBe(200)
  const headers = { authorization: `token ${token}` }
  expect((await fetch(new URL('api/kernelspecs', address), { headers })).status).toBe(200)

  const options = { cwd: project, timeout: 60_000 } // there is the library
  const program = ['--input-type=module', '--eval', await copied('@jupyterlab/services')]
  expect((await promisify(execFile)(process.execPath, program, options)).stdout).toMatch(/^42$/m)
  const { stdout } = await promisify(execFile)('bash', ['-c', await copied('curl')], options)
  expect(JSON.parse(stdout)).toBeInstanceOf(Array)
})

type Ran = { reply: KernelMessage.IExecuteReplyMsg['content']; printed: string; images: string[] }

/** Runs code to its end; `onPrint` is called each time it prints. */
async function run(kernel: Kernel.IKernelConnection, code: string, onPrint = async () => {}): Promise<Ran> {
  const future = kernel.requestExecute({ code })
  const ran: Omit<Ran, 'reply'> = { printed: '', images: [] }
  future.onIOPub = async (message) => {
    if (KernelMessage.isDisplayDataMsg(message)) ran.images.push(String(message.content.data['image/png']))
    if (!KernelMessage.isStreamMsg(message)) return
    ran.printed += message.content.text
    await onPrint()
  }
  const { content } = await future.done
  return { reply: content, ...ran }
}
