/** Idleness with real JupyterLab, and with limits of seconds. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { joinKernel, type Kernel, startKernel } from './support/kernel.ts'
import { createNotebook, type Notebook, untilStatus } from './support/notebook.ts'
import { type Json, type RunningService, startService } from './support/service.ts'

const notes = { type: 'file', format: 'text', content: 'words' }
// The kernel is idle again at once, but its child process computes on, on a third of a core: to the server this looks like a kernel
// that it missed.
const inAnotherProcess = `import subprocess, sys
program = 'import time\\nwhile True: sum(range(200_000)); time.sleep(0.01)'
subprocess.Popen([sys.executable, '-c', program])`
const limits = { IDLE_PAUSE_AFTER: '8s', IDLE_STOP_AFTER: '35s' }

let service: RunningService
let computing: Notebook
let open: Notebook
let resting: Notebook
let rest: Kernel
let writing: Notebook
let unreported: Notebook
let page: Disposable
let editor: Disposable

beforeAll(async () => {
  service = await startService({ env: limits })
  computing = await createNotebook(service)
  await sleepIn(computing, await startKernel(computing))
  unreported = await createNotebook(service)
  await (await startKernel(unreported)).run(inAnotherProcess)
  resting = await createNotebook(service)
  rest = await startKernel(resting)
  await rest.run('kept = 6 * 7')
  rest.leave()
  open = await createNotebook(service)
  writing = await createNotebook(service)
  editor = often(() => writing.jupyter('PUT', 'contents/data/notes.md', notes))
  page = await openPage(open)
})
afterAll(async () => {
  page?.[Symbol.dispose]()
  editor?.[Symbol.dispose]()
  await service?.[Symbol.asyncDispose]()
})

/** Begins a computation that takes no processor, once the server follows the kernel (docs/idleness.md says why it may not). */
async function sleepIn(notebook: Notebook, kernel: Kernel): Promise<void> {
  const state = async () => (await notebook.jupyter('GET', `kernels/${kernel.id}`)).body.execution_state
  do await kernel.run('1')
  while ((await state()) !== 'idle')
  kernel.begin('import time; time.sleep(600)')
}

async function shown({ id }: Notebook): Promise<Json> {
  return (await service.call('GET', `/api/environments/${id}`)).body
}

/** Acts like JupyterLab in a browser that nobody looks at, only more often: sends requests, and stays joined to a kernel. */
async function openPage(notebook: Notebook): Promise<Disposable> {
  const kernel = await startKernel(notebook)
  return often(async () => {
    kernel.greet()
    const paths = ['status', 'contents/data', 'sessions', 'kernels', 'kernelspecs', 'terminals', 'me']
    await Promise.all(paths.map((path) => notebook.jupyter('GET', path)))
  })
}

/** Errors are ignored: a paused server answers nothing. */
function often(act: () => Promise<unknown>): Disposable {
  const timer = setInterval(() => void act().catch(() => {}), 1_000)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

// Trouble (idleness): nobody uses an environment
test('the service pauses an unused environment although its page is open, but none that computes or is written in', async () => {
  // The server itself counts the requests of the page as activity: by its own time it would never be idle.
  const counted = async () => Date.parse((await open.jupyter('GET', 'status')).body.last_activity)
  const first = await counted()
  await expect.poll(counted).toBeGreaterThan(first)
  for (const notebook of [resting, open]) {
    expect(await untilStatus(service, notebook.id, 'paused')).toMatchObject({
      desired_state: 'paused',
      status_reason: 'Paused after 8 seconds without activity.',
    })
  }
  for (const notebook of [computing, unreported, writing]) {
    expect(await shown(notebook)).toMatchObject({ status: 'running', status_reason: null })
  }
  editor[Symbol.dispose]()
  const log = service.output()
  expect(log).toContain('It is paused in 1.6 seconds, after 8 seconds without activity.')
  expect(log.indexOf('It is paused in 1.6 seconds')).toBeLessThan(log.indexOf('pause the container'))
})

// Trouble (idleness): somebody resumes a paused environment
test('a paused environment resumes as it was: its kernel still has its variables', async () => {
  await service.call('POST', `/api/environments/${resting.id}/resume`)
  await untilStatus(service, resting.id, 'running')
  const again = await joinKernel(resting, rest.id)
  expect(await again.run('print(kept)')).toBe('42\n')
  expect(await shown(resting)).toMatchObject({ status: 'running', status_reason: null })
  again.leave()
  await untilStatus(service, resting.id, 'paused')
})

// Trouble (idleness): the service is killed while an environment is paused
test('after the service was killed, it stops a paused environment in time, and lets a computing one go on', async () => {
  expect(await shown(open)).toMatchObject({ status: 'paused' })
  const { last_activity: before } = await shown(open)
  await service.end('SIGKILL')
  await service.startAgain()
  await untilStatus(service, writing.id, 'paused')
  expect(await untilStatus(service, open.id, 'exited', 40_000)).toMatchObject({
    desired_state: 'stopped',
    status_reason: 'Stopped after 35 seconds without activity.',
    last_activity: before,
  })
  for (const notebook of [computing, unreported]) expect(await shown(notebook)).toMatchObject({ status: 'running' })
})

// Trouble (idleness): an environment runs for longer than it may
test('the service stops a computing environment after MAX_RUNTIME', async () => {
  await service.end()
  await service.startAgain({ MAX_RUNTIME: '5s' })
  expect(await untilStatus(service, computing.id, 'exited', 40_000)).toMatchObject({
    desired_state: 'stopped',
    status_reason: 'Stopped after 5 seconds, the longest that it may run.',
  })
  expect(service.output()).toContain('It is stopped in 1 second: it may run for 5 seconds at most.')
})
