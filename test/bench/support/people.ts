import type { RunningService } from '../../e2e/support/service.ts'
import { type Client, createClient, expectStatus } from './request.ts'

export type Person = { url: string; token: string; api: Client }

/** A person with a token, and a client of their own. */
export async function createPerson(
  { service, api }: { service: RunningService; api: Client },
  id: string,
): Promise<Person> {
  await expectStatus(api('POST', '/api/users', { body: { id } }), 201)
  const { token } = await expectStatus(api('POST', '/api/tokens', { body: { user_id: id, name: 'bench' } }), 201)
  const { url } = service
  const port = Number(new URL(url).port)
  return { url, token, api: createClient({ port }, { headers: { authorization: `Bearer ${token}` } }) }
}
