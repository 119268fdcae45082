import { expect, test } from 'vitest'
import { openLab } from '../support/lab.ts'

test('docs/openapi.json describes the routes as they are (npm run openapi writes it)', async () => {
  await using lab = await openLab()
  const { body } = await lab.as().get('/api/openapi.json').expect(200)
  body.info.version = '0.1.0'
  await expect(`${JSON.stringify(body, null, 2)}\n`).toMatchFileSnapshot('../../docs/openapi.json')
})

test('the API pages are at /docs', async () => {
  await using lab = await openLab()
  const { text } = await lab.as().get('/docs/').expect(200)
  expect(text).toContain('swagger-ui')
})

test('the document declares the media types of streams and texts', async () => {
  await using lab = await openLab()
  const { body } = await lab.as().get('/api/openapi.json').expect(200)
  const typesOf = (path: string) => Object.keys(body.paths[path].get.responses['200'].content)
  expect(typesOf('/api/environments/{id}/events')).toEqual(['text/event-stream'])
  expect(typesOf('/api/environments/{id}/logs')).toEqual(['text/plain', 'text/event-stream'])
})
