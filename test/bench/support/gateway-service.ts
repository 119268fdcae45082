/** The service with one running environment at a given port, in a separate process, to measure the gateway beside it. */
import { openLab } from '../../support/lab.ts'

const upstreamPort = Number(process.argv[2])

const lab = await openLab({ logLevel: 'warn', addressOf: () => ({ host: '127.0.0.1', port: upstreamPort }) })
const { body } = await lab
  .as(lab.adminToken)
  .post('/api/environments', { template: 'jupyterlab' })
  .set('prefer', 'wait=10')
  .expect(202)
process.send?.({ dataDir: lab.dataDir, path: `/env/${body.id}`, token: lab.adminToken })
process.once('disconnect', async () => {
  await lab[Symbol.asyncDispose]()
  process.exit(0)
})
