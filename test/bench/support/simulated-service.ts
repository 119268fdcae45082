/** The service on an engine in memory, with so many environments, in a separate process, to measure a list. */
import { openLab } from '../../support/lab.ts'
import { until } from './until.ts'

const environments = Number(process.argv[2])
const each = 50 // the number that the highest tier allows one person

const lab = await openLab({ logLevel: 'warn' })
const admin = lab.as(lab.adminToken)
for (let user = 0; user < environments / each; user += 1) {
  const { client } = await lab.newUser(`user-${user}@lab`, 'enterprise')
  for (let count = 0; count < each; count += 1) {
    await client.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  }
}
await until('all environments run', async () => (await countRunning()) === environments, { everyMs: 200 })
const url = await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
process.send?.({ url, token: lab.adminToken })
process.once('disconnect', async () => {
  await lab[Symbol.asyncDispose]()
  process.exit(0)
})

async function countRunning(): Promise<number> {
  let count = 0
  for (let cursor = ''; ; ) {
    const { body } = await admin.get(`/api/environments?status=running&limit=200${cursor}`).expect(200)
    count += body.items.length
    if (body.next_cursor === null) return count
    cursor = `&cursor=${body.next_cursor}`
  }
}
