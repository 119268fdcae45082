/** The service on an engine in memory, with so many environments, in a process of its own: what a list costs then. */
import { openLab } from '../../support/lab.ts'

const environments = Number(process.argv[2])
const each = 50 // what the highest tier allows one person

const lab = await openLab({ env: { LOG_LEVEL: 'info' } })
const admin = lab.as(lab.adminToken)
for (let user = 0; user < environments / each; user += 1) {
  const { client } = await lab.newUser(`user-${user}@lab`, 'enterprise')
  for (let count = 0; count < each; count += 1) {
    await client.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  }
}
while ((await admin.get('/api/environments?limit=1&status=starting')).body.items.length > 0) {
  await new Promise((resolve) => setTimeout(resolve, 100))
}
const url = await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
process.stdout.write(`${JSON.stringify({ url, token: lab.adminToken })}\n`)
process.once('SIGTERM', async () => {
  await lab[Symbol.asyncDispose]()
  process.exit(0)
})
