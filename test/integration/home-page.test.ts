// The page of a person's own environments.
import { expect, test } from 'vitest'
import { become, running } from '../support/become.ts'
import { type Lab, openLab } from '../support/lab.ts'

const password = 'a long enough password'
const ownPage = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }

async function signIn(lab: Lab, id: string): Promise<string> {
  await lab.as(lab.adminToken).put(`/api/users/${id}/password`, { password }).expect(204)
  const { headers } = await lab.as().post('/api/session', { user_id: id, password }).expect(200)
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

test('a person sees their own environments with links, and creates another one by the form', async () => {
  await using lab = await openLab()
  await lab.newUser('alice@lab')
  await lab.as(lab.adminToken).post('/api/environments', { template: 'jupyterlab', name: "the admin's" }).expect(202)
  await lab.as().get('/').expect(303).expect('location', '/sign-in?next=%2F')
  const cookie = await signIn(lab, 'alice@lab')
  const home = () => lab.as().get('/').set({ cookie, 'sec-fetch-site': 'none' }).expect(200)
  expect((await home()).text).toContain('There are none yet.')
  await lab
    .as()
    .post('/')
    .set({ ...ownPage, cookie })
    .send('template=jupyterlab')
    .expect(303)
    .expect('location', '/')
  const { text, headers } = await home()
  expect(text).toMatch(/<a href="\/open\/ai-lab-jupyterlab-[a-z0-9]{6}">/)
  expect(text).not.toContain("the admin's")
  expect(headers['content-security-policy']).toContain("default-src 'none'")
})

test('the form says why it cannot create one, and a name cannot write into the page', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  await client.post('/api/environments', { template: 'jupyterlab', name: '<script>alert(1)</script>' }).expect(202)
  const cookie = await signIn(lab, 'alice@lab')
  const answer = await lab
    .as()
    .post('/')
    .set({ ...ownPage, cookie })
    .send('template=none')
    .expect(422)
  expect(answer.text).toContain('There is no template')
  expect(answer.text).toContain('&#60;script&#62;')
  expect(answer.text).not.toContain('<script')
})

test('a person stops and starts an environment by its button, and reads why one has failed', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  const other = await lab.newUser('bob@lab')
  const id = await running(client)
  const others = await running(other.client)
  const cookie = await signIn(lab, 'alice@lab')
  const home = async () => (await lab.as().get('/').set({ cookie, 'sec-fetch-site': 'none' }).expect(200)).text
  const press = (of: string, action: string) =>
    lab
      .as()
      .post(`/environments/${of}`)
      .set({ ...ownPage, cookie })
      .send(`action=${action}`)
  expect(await home()).toContain('value="stop">Stop<')
  await press(id, 'stop').expect(303).expect('location', '/')
  await become(client, id, 'exited')
  expect(await home()).toContain('value="start">Start<')
  lab.notebookAnswers(503)
  await press(id, 'start').expect(303)
  await expect.poll(async () => (await lab.engine.inspect(id))?.state).toBe('running')
  lab.engine.say(id, 'stderr', '<script>')
  lab.engine.exit(id, 3)
  await become(client, id, 'failed')
  expect(await home()).toMatch(/<td>failed: It ended before it was ready .*&#60;script&#62;/s)
  expect((await press(others, 'stop').expect(404)).text).toContain(`There is no environment ${others}.`)
  await press(id, 'delete').expect(400)
  await lab.as({ 'sec-fetch-site': 'same-origin', cookie }).delete('/api/session').expect(204)
  await press(id, 'start').expect(303).expect('location', '/sign-in?next=%2F')
})

// Trouble (authority): a page of another origin makes environments in its visitor's name
test('a page of another origin creates and stops nothing', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  const id = await running(client)
  const cookie = await signIn(lab, 'alice@lab')
  for (const site of ['cross-site', 'same-site']) {
    const headers = { ...ownPage, cookie, 'sec-fetch-site': site }
    await lab.as().post('/').set(headers).send('template=jupyterlab').expect(403)
    await lab.as().post(`/environments/${id}`).set(headers).send('action=stop').expect(403)
  }
  expect((await client.get('/api/environments')).body.items).toMatchObject([{ id, desired_state: 'running' }])
})
