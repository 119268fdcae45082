// The console's one page and its assets, as the service sends them.
import { expect, test } from 'vitest'
import { openLab } from '../support/lab.ts'
import { newPerson } from '../support/sign-in.ts'

test('the page comes to whoever is signed in, at every address of the console, and others sign in first', async () => {
  await using lab = await openLab()
  await lab.as().get('/').expect(303).expect('location', '/sign-in?next=%2F')
  await lab
    .as()
    .get('/console/environments/x?tab=log')
    .expect(303)
    .expect('location', '/sign-in?next=%2Fconsole%2Fenvironments%2Fx%3Ftab%3Dlog')
  const { client } = await newPerson(lab, 'alice@lab')
  for (const path of [
    '/',
    '/console',
    '/console/',
    '/console/create',
    '/console/environments/ai-lab-jupyterlab-abcdef',
  ]) {
    const { text, headers } = await client.get(path).expect(200).expect('content-type', 'text/html; charset=utf-8')
    expect(text).toContain('<div id="console">')
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'cross-origin-opener-policy': 'same-origin' })
  }
})

test('its policy allows the own files alone, and styles by a nonce that is new in each answer', async () => {
  await using lab = await openLab()
  const { client } = await newPerson(lab, 'alice@lab')
  const nonces = new Set<string>()
  for (let time = 0; time < 2; time += 1) {
    const { text, headers } = await client.get('/').expect(200)
    const policy = String(headers['content-security-policy'])
    expect(policy.replace(/'nonce-[^']+'/, "'nonce-…'").split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "worker-src 'self'",
      "style-src 'self' 'nonce-…'",
      "img-src 'self' blob:",
      "font-src 'self'",
      "connect-src 'self'",
      "base-uri 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ])
    const [, nonce = ''] = /'nonce-([^']+)'/.exec(policy) ?? []
    expect(text).toContain(`<meta name="style-nonce" content="${nonce}">`)
    expect(text).not.toMatch(/<script(?! type="module" crossorigin src="\.\/assets\/)|<style|\son\w+=/)
    nonces.add(nonce)
  }
  expect(nonces.size).toBe(2)
})

test('its assets are kept by browsers for ever, and come compressed', async () => {
  await using lab = await openLab()
  const { client } = await newPerson(lab, 'alice@lab')
  const { text } = await client.get('/').expect(200)
  const [, script = ''] = /src="\.\/(assets\/first-[^"]+\.js)"/.exec(text) ?? []
  for (const [accepted, encoding] of [
    ['gzip, br', 'br'],
    ['gzip', 'gzip'],
    ['identity', undefined],
  ] as const) {
    const { headers } = await lab.as().get(`/console/${script}`).set({ 'accept-encoding': accepted }).expect(200)
    expect(headers['content-encoding']).toBe(encoding)
    expect(headers['content-type']).toMatch(/^application\/javascript/)
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
  }
  await lab.as().get('/console/assets/none.js').expect(404)
  await lab.as().get('/console/assets/..%2findex.html').expect(404)
})

test('below a path of its host, the page finds its assets and the API there', async () => {
  await using lab = await openLab({ env: { PUBLIC_URL: 'https://lab.example.org/lab' } })
  const { client } = await newPerson(lab, 'alice@lab')
  expect((await client.get('/').expect(200)).text).toContain('<base href="/lab/console/">')
})
