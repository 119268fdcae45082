import { expect } from 'vitest'
import type { Client } from './lab.ts'

/** Creates an environment, and waits until it runs. */
export async function running(client: Client, wishes: object = {}): Promise<string> {
  const request = client.post('/api/environments', { template: 'jupyterlab', ...wishes })
  const answer = await request.set({ prefer: 'wait=20' }).expect(202)
  expect(answer.body.status).toBe('running')
  return answer.body.id
}

/** Waits until an environment has that status. */
export async function become(client: Client, id: string, status: string): Promise<void> {
  await expect.poll(async () => (await client.get(`/api/environments/${id}`)).body.status).toBe(status)
}
