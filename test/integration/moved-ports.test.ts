// Environments whose ports on this machine change with each start, as those of adopted containers do.
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { become, running } from '../support/become.ts'
import { ask } from '../support/gateway.ts'
import { openLab } from '../support/lab.ts'
import { openUpstream } from '../support/upstream.ts'

// Trouble (authority): after a reboot the container of another person has the port, and gets the secret and the visitors
test('while an environment waits to start after a reboot, nobody is led to the port that it had before', async () => {
  await using stack = new AsyncDisposableStack()
  const [first, second] = [stack.use(await openUpstream()), stack.use(await openUpstream())]
  const addresses = new Map<string, typeof first.address>()
  const lab = stack.use(await openLab({ addressOf: (id) => addresses.get(id) ?? second.address }))
  const alice = await lab.newUser('alice@lab')
  const bob = await lab.newUser('bob@lab')
  lab.engine.beforeCall = ({ name, id }) => {
    if (name === 'create') addresses.set(id, first.address)
  }
  const ofAlice = await running(alice.client)
  lab.engine.beforeCall = () => {}
  const ofBob = await running(bob.client)

  const folder = join(lab.dataDir, 'users/alice@lab')
  await lab.restart(async () => {
    await rename(folder, `${folder}.away`)
    for (const id of [ofAlice, ofBob]) lab.engine.exit(id, 137)
    addresses.set(ofAlice, second.address).set(ofBob, first.address)
  })
  const { port } = await lab.service.gateway.listen({ host: '127.0.0.1', port: 0 })
  const asked = () => ask(port, `/env/${ofAlice}/x`, { token: alice.token })
  await become(bob.client, ofBob, 'running')
  const { status, body } = await asked()
  expect([status, JSON.parse(body).type]).toEqual([503, '/problems/environment-not-running'])

  await rename(`${folder}.away`, folder)
  await alice.client.post(`/api/environments/${ofAlice}/start`).expect(202)
  await expect.poll(async () => (await asked()).status).toBe(200)
})
