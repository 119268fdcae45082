import { type Client, expectStatus } from './request.ts'

/** Creates so many environments at once and waits until all run; gives their ids. The end of the service removes them. */
export async function createMany(api: Client, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, async () => (await createRunning(api)).id))
}

/** Creates an environment and waits until the API says that it runs. */
export async function createRunning(api: Client): Promise<{ id: string; image: string }> {
  const asked = api('POST', '/api/environments', { body: { template: 'jupyterlab' }, headers: { prefer: 'wait=60' } })
  const environment = await expectStatus(asked, 202)
  if (environment.status !== 'running') throw new Error(`It does not run: ${JSON.stringify(environment)}`)
  return environment
}
