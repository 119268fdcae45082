import type { Client, Lab } from './lab.ts'

export const password = 'correct horse battery'

/** What a browser sends from the platform's own pages. */
export const ownPage = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

export type Browser = { cookie: string; client: Client }

/** Gives a person a password, whoever they are: their token sets it. */
export async function givePassword(lab: Lab, token: string, id: string): Promise<void> {
  await lab.as(token).put(`/api/users/${id}/password`, { password }).expect(204)
}

/** Signs a person in, as a browser does; `earlier` is the cookie that it has until then. */
export async function signIn(lab: Lab, id: string, earlier = ''): Promise<Browser> {
  const answer = await lab
    .as({ ...ownPage, cookie: earlier })
    .post('/api/session', { user_id: id, password })
    .expect(200)
  const cookie = cookieOf(answer.headers)
  return { cookie, client: lab.as({ ...ownPage, cookie }) }
}

/** A new user with a password, signed in. */
export async function newPerson(lab: Lab, id: string): Promise<Browser & { token: string }> {
  const { token } = await lab.newUser(id)
  await givePassword(lab, token, id)
  return { token, ...(await signIn(lab, id)) }
}

/** Name and value of the one cookie that an answer sets. */
export function cookieOf(headers: Record<string, unknown>): string {
  const [set = ''] = headers['set-cookie'] as string[]
  return set.split(';', 1)[0] ?? ''
}
