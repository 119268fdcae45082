/** `ailab open`: the link to an environment from the command line. Each test runs the real command. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { running } from '../support/become.ts'
import { type Client, type Lab, openLab } from '../support/lab.ts'
import { newPerson } from '../support/sign-in.ts'

const run = promisify(execFile)
type Outcome = { stdout: string; stderr: string; code?: number }

let lab: Lab
let alice: Client
let id: string

beforeAll(async () => {
  lab = await openLab()
  alice = (await newPerson(lab, 'alice')).client
  id = await running(alice)
})
afterAll(() => lab[Symbol.asyncDispose]())

function ailabOpen(typed: string, env: Record<string, string> = {}): Promise<Outcome> {
  const command = run('bin/ailab', ['open', typed], { env: { ...process.env, DATA_DIR: lab.dataDir, ...env } })
  return command.catch((error: Outcome) => error)
}

test('the command prints a link without a secret, and says whose environment it is and how it should be', async () => {
  expect(await ailabOpen(id)).toEqual({
    stdout: `http://localhost:5555/open/${id}\n`,
    stderr: 'It opens for alice alone, after a sign-in. It should be running.\n',
  })
  await alice.post(`/api/environments/${id}/pause`).expect(202)
  expect((await ailabOpen(id)).stderr).toContain('It should be paused; opening it resumes it.')
  await alice.post(`/api/environments/${id}/stop`).expect(202)
  const lan = { PUBLIC_URL: 'https://lab.example.org', ENVIRONMENTS_URL: 'https://{id}.env.lab.example.org' }
  expect(await ailabOpen(id, lan)).toEqual({
    stdout: `https://lab.example.org/open/${id}\n`,
    stderr: 'It opens for alice alone, after a sign-in. It should be stopped; opening it starts it.\n',
  })
})

test('the command works while the service does not run, and says why an environment has failed', async () => {
  const failure = { code: 'environment-exited', detail: 'x', adminDetail: 'It said: \u001b[2J', at: 1 } as const
  await lab.restart(async () => {
    await lab.withRecords(async (store) => void (await store.change(id, { failure })))
    const { stdout, stderr } = await ailabOpen(id)
    expect(stdout).toBe(`http://localhost:5555/open/${id}\n`)
    expect(stderr).toMatch(/ It has failed: It said: [^\u001b]+\n$/)
  })
})

test('the command names the environment that was probably meant, and no other', async () => {
  const ending = id.slice(-6)
  const mistyped = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`
  for (const typed of [ending, `ai-lab-jupiterlab-${ending}`, mistyped, `${id}x`]) {
    const { stdout, stderr, code } = await ailabOpen(typed)
    expect({ stdout, stderr, code }).toEqual({
      stdout: '',
      stderr: `There is no environment ${typed}. Did you mean ${id}?\n`,
      code: 1,
    })
  }
  expect((await ailabOpen('ai-lab-jupyterlab-______')).stderr).toBe(
    'There is no environment ai-lab-jupyterlab-______.\n',
  )
})

test('the command prints no link that would open nothing', async () => {
  const noAddress = await ailabOpen(id, { PUBLIC_URL: 'https://lab.example.org' })
  expect([noAddress.stdout, noAddress.stderr]).toEqual([
    '',
    'This lab has no address for environments yet. Set ENVIRONMENTS_URL.\n',
  ])
  const longHost = { ENVIRONMENTS_URL: `http://${'x'.repeat(50)}-{id}.localhost:5556` }
  expect((await ailabOpen(id, longHost)).stderr).toContain(`${id} cannot be part of a host name`)
  await lab.restart(async () => {
    await lab.withRecords(async (store) => void (await store.change(id, { desired: 'gone' })))
    expect(await ailabOpen(id)).toMatchObject({ stdout: '', stderr: `${id} is being deleted.\n` })
  })
})
