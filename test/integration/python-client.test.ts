/** The client of docs/clients.md, as it stands there. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { become } from '../support/become.ts'
import { breakingProxy } from '../support/breaking-proxy.ts'
import { openLab } from '../support/lab.ts'

async function clientInGuide(): Promise<string> {
  const [, client = ''] = /```python\n(.*?)```/s.exec(await readFile('docs/clients.md', 'utf8')) ?? []
  return client
}

/** Runs a program after the client; gives the last line that it prints, which is JSON. */
async function run(program: string, ...args: string[]) {
  const { stdout } = await promisify(execFile)('python3', ['-c', `${await clientInGuide()}\n${program}`, ...args])
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

const job = `
import sys
lab = Lab(sys.argv[1] + "/api", sys.argv[2])
told = []
environment = lab.create(template="jupyterlab", name="first")
id = environment["id"]
told.append(environment["status"])
for action in ["pause", "resume", "stop", "start", "restart", "recreate"]:
    told.append(lab.act(id, action)["status"])
told.append(lab.call("GET", f"/environments/{id}")["name"])
told.append(lab.call("GET", f"/environments/{id}/logs"))
told.append([event for event, data in lab.events(id)][-1])
lab.create(template="jupyterlab", name="second")
told.append([each["name"] for each in lab.list("/environments", limit=1)])
lab.delete(id)
told.append([each["name"] for each in lab.list("/environments")])
try:
    lab.call("GET", f"/environments/{id}")
except RuntimeError as error:
    told.append(json.loads(str(error))["type"])
print(json.dumps(told))
`

// Trouble (first-hour): the guide shows a client that does not work
test('the Python client of the guide does the main job', async () => {
  await using lab = await openLab()
  const url = await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
  expect(await run(job, url, lab.adminToken)).toEqual([
    'running',
    'paused',
    'running',
    'exited',
    'running',
    'running',
    'running',
    'first',
    '',
    'ended',
    ['second', 'first'],
    ['second'],
    '/problems/environment-not-found',
  ])
})

// Trouble (known): the connection breaks during a creation, and the second try makes a second environment
test('the Python client makes one environment although the connection broke, and follows events across a break', async () => {
  await using lab = await openLab()
  const url = await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
  await using proxy = await breakingProxy(Number(new URL(url).port))
  const held = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => (name === 'start' ? held.promise : undefined)
  const program = `
import sys
lab = Lab(sys.argv[1] + "/api", sys.argv[2])
id = lab.call("POST", "/environments", {"template": "jupyterlab"}, {"Idempotency-Key": "once"})["id"]
print(json.dumps([[event, data.get("status")] for event, data in lab.events(id)]))
`
  const done = run(program, proxy.url, lab.adminToken)
  await expect.poll(() => proxy.answered).toEqual(['POST 202', 'POST 202', 'GET 200'])
  expect(proxy.broken).toBe(1)
  const { body } = await lab.as(lab.adminToken).get('/api/environments').expect(200)
  expect(body.items).toHaveLength(1)
  await become(lab.as(lab.adminToken), body.items[0].id, 'starting')
  proxy.breakStreams()
  held.resolve()
  const events = await done
  expect(events.at(-1)).toEqual(['ended', 'running'])
  expect(events.filter(([event, status]: string[]) => event === 'status' && status === 'starting')).toHaveLength(1)
})
