import { expect, test } from 'vitest'
import { problems } from '../../src/domain/problem.ts'
import { findings } from '../../src/domain/proof/proof.ts'
import { openLab } from '../support/lab.ts'

const html = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' }

test('every problem type and every finding code has a page', async () => {
  await using lab = await openLab()
  for (const code of [...Object.keys(problems), ...Object.keys(findings)]) {
    const { text } = await lab
      .as()
      .get(`/problems/${code}`)
      .set(html)
      .expect(200)
      .expect('content-type', /^text\/html/)
    expect(text).toContain(`<h1>${code}</h1>`)
  }
  const { text } = await lab.as().get('/problems').set(html).expect(200)
  expect(text).toContain('<a href="/problems/no-room">no-room</a>')
})

test('the pages run no script, load nothing, and have only working links', async () => {
  await using lab = await openLab()
  const { headers, text } = await lab.as().get('/problems/stale-mount').set(html).expect(200)
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+';/)
  expect(text).not.toContain('<script')
  for (const code of Object.keys({ ...problems, ...findings })) {
    const page = await lab.as().get(`/problems/${code}`).set(html)
    for (const [, link = ''] of page.text.matchAll(/href="([^"]+)"/g)) await lab.as().get(link).expect(200)
  }
})

test('a terminal gets the page as Markdown', async () => {
  await using lab = await openLab()
  const { text, headers } = await lab.as().get('/problems/no-room').expect(200)
  expect(headers['content-type']).toMatch(/^text\/markdown/)
  expect(text).toMatch(/^# no-room\n\nStatus 507\. /)
})

test.each(['nothing', '__proto__', '..%2f..%2fpackage.json'])(
  'the service has no page for the code %s',
  async (code) => {
    await using lab = await openLab()
    await lab
      .as()
      .get(`/problems/${code}`)
      .expect(404)
      .expect('content-type', /problem\+json/)
  },
)
