/** The page of the browsers in which a person is signed in. */
import supertest from 'supertest'
import { expect, test } from 'vitest'
import { type Lab, openLab } from '../support/lab.ts'
import { type Browser, newPerson, ownPage, password, signIn } from '../support/sign-in.ts'

const shown = async ({ client }: Browser) => (await client.get('/sessions').expect(200)).text

function signOut(lab: Lab, { cookie }: Browser, id: string, headers: Record<string, string> = ownPage) {
  return supertest(lab.service.app.server)
    .post('/sessions')
    .set({ ...headers, cookie })
    .type('form')
    .send({ id })
}

const idsIn = (page: string) => Array.from(page.matchAll(/name="id" value="([^"]+)"/g), ([, id = '']) => id)

test('a person sees where they are signed in, and signs one of these browsers out', async () => {
  await using lab = await openLab()
  const here = await newPerson(lab, 'alice')
  const there = await signIn(lab, 'alice')
  await newPerson(lab, 'bob')
  const page = await shown(here)
  expect(page.match(/<tr><td>/g)).toHaveLength(2)
  expect(page).toMatch(/>\d{4}-\d\d-\d\d \d\d:\d\d<\/time>/)
  expect(page.match(/Sign out here/g)).toHaveLength(1)
  const [id = '', ...others] = idsIn(page)
  expect(others).toEqual([])
  for (const _ of ['in use', 'ended already']) {
    await signOut(lab, here, id).expect(303).expect('location', '/sessions')
    await there.client.get('/api/me').expect(401)
  }
  expect((await shown(here)).match(/<tr><td>/g)).toHaveLength(1)
})

test('somebody who is not signed in signs in first', async () => {
  await using lab = await openLab()
  const browser = await newPerson(lab, 'alice')
  await lab.as().get('/sessions').expect(303).expect('location', '/sign-in?next=%2Fsessions')
  await browser.client.delete('/api/session').expect(204)
  await signOut(lab, browser, 'x').expect(303).expect('location', '/sign-in?next=%2Fsessions')
})

// Trouble (authority): a page of another origin, or another person, signs people out
test('neither a page of another origin nor another person ends a session', async () => {
  await using lab = await openLab()
  const alice = await newPerson(lab, 'alice')
  const second = await signIn(lab, 'alice')
  const bob = await newPerson(lab, 'bob')
  const [id = ''] = idsIn(await shown(alice))
  for (const site of ['same-site', 'cross-site']) await signOut(lab, alice, id, { 'sec-fetch-site': site }).expect(403)
  await signOut(lab, bob, id).expect(303)
  for (const { client } of [alice, second]) await client.get('/api/me').expect(200)
})

test('what a browser calls itself is only text', async () => {
  await using lab = await openLab()
  const { client } = await newPerson(lab, 'alice')
  const named = lab.as({ ...ownPage, 'user-agent': '<script>alert(1)</script>' })
  await named.post('/api/session', { user_id: 'alice', password }).expect(200)
  const { text, headers } = await client.get('/sessions').expect(200)
  expect(text).toContain('&#60;script&#62;')
  expect(text).not.toContain('<script')
  expect(headers).toMatchObject({ 'cache-control': 'no-store' })
  expect(headers['content-security-policy']).toContain("default-src 'none'")
})
