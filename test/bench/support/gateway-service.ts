/** The service with one running environment at a given port, in a separate process, to measure its gateway. */
import { openLab } from '../../support/lab.ts'

const upstreamPort = Number(process.argv[2])
const env = JSON.parse(process.argv[3] ?? '{}')

const lab = await openLab({ env, logLevel: 'warn', addressOf: () => ({ host: '127.0.0.1', port: upstreamPort }) })
const { body } = await lab
  .as(lab.adminToken)
  .post('/api/environments', { template: 'jupyterlab' })
  .set('prefer', 'wait=10')
  .expect(202)
const { port } = await lab.service.gateway.listen({ port: 0, host: '127.0.0.1' })
process.send?.({ port, path: `/env/${body.id}`, token: lab.adminToken })
process.once('disconnect', async () => {
  await lab[Symbol.asyncDispose]()
  process.exit(0)
})
