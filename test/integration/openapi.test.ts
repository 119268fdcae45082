import { expect, test } from 'vitest'
import { type Lab, openLab } from '../support/lab.ts'

test('docs/openapi.json describes the routes as they are (npm run openapi writes it)', async () => {
  await using lab = await openLab()
  const { body } = await lab.as().get('/api/openapi.json').expect(200)
  body.info.version = '0.1.0'
  await expect(`${JSON.stringify(body, null, 2)}\n`).toMatchFileSnapshot('../../docs/openapi.json')
})

type Operation = {
  operationId: string
  tags: string[]
  responses: Record<string, { $ref?: string; description?: string; headers?: Record<string, unknown> }>
  parameters?: { in: string; name: string; description?: string; schema: { type: string } }[]
}

async function operations(lab: Lab) {
  const { body } = await lab.as().get('/api/openapi.json').expect(200)
  const all = Object.values<Record<string, Operation>>(body.paths).flatMap((each) => Object.entries(each))
  return { document: body, all, byId: new Map(all.map(([, each]) => [each.operationId, each])) }
}

test('every operation has the name of a function, of its own, and a tag that the document explains', async () => {
  await using lab = await openLab()
  const { document, all, byId } = await operations(lab)
  expect([...byId.keys()]).toEqual(expect.arrayContaining(['startEnvironment', 'getEnvironmentLogs', 'listUsers']))
  expect(byId.size).toBe(all.length)
  const verbs =
    /^(get|list|create|update|delete|rename|start|stop|restart|pause|resume|recreate|follow|sign|set|end|revoke|adopt|prove|cancel|search|download|upload|describe|restore|empty|check)[A-Z]/
  for (const id of byId.keys()) expect(id).toMatch(verbs)
  const explained = document.tags.map(
    ({ name, description }: { name: string; description: string }) => description && name,
  )
  expect(new Set(all.flatMap(([, { tags }]) => tags))).toEqual(new Set(explained))
})

test('every answer and every parameter is described', async () => {
  await using lab = await openLab()
  const { document, all } = await operations(lab)
  const missing = all.flatMap(([, { operationId, responses, parameters = [] }]) => [
    ...Object.entries(responses)
      .filter(([, each]) => !each.$ref && (each.description ?? 'Default Response') === 'Default Response')
      .map(([status]) => `${operationId} ${status}`),
    ...parameters.filter(({ description }) => !description).map(({ name }) => `${operationId} ${name}`),
  ])
  expect(missing).toEqual([])
  for (const { description } of Object.values<{ description: string }>(document.components.responses))
    expect(description).toMatch(/^`[a-z-]+`: /)
})

test('every operation lists the problems that it can answer with, by their status', async () => {
  await using lab = await openLab()
  const { document, byId } = await operations(lab)
  const codesOf = (id: string, status: number) => {
    const name = byId.get(id)?.responses[status]?.$ref?.split('/').at(-1) ?? ''
    const { content } = document.components.responses[name]
    return content['application/problem+json'].schema.allOf[1].properties.type.enum
  }
  expect(codesOf('createEnvironment', 409)).toEqual(['/problems/wrong-state', '/problems/quota-reached'])
  expect(codesOf('pauseEnvironment', 409)).toEqual(['/problems/wrong-state'])
  expect(codesOf('getEnvironment', 404)).toEqual(['/problems/environment-not-found'])
  expect(byId.get('getEnvironment')?.responses).not.toHaveProperty('409')
  expect(codesOf('signIn', 401)).toEqual(['/problems/sign-in-failed'])
  expect(document.components.responses.TooManyTokens.headers).toBeUndefined()
  expect(document.components.responses.TooManyWrongTokens.headers).toHaveProperty('Retry-After')
})

test('headers are in the document, and follow is a boolean', async () => {
  await using lab = await openLab()
  const { byId } = await operations(lab)
  const headersOf = (id: string, status: number) => Object.keys(byId.get(id)?.responses[status]?.headers ?? {})
  expect(headersOf('createEnvironment', 202)).toEqual(['Location', 'Preference-Applied'])
  expect(headersOf('restartEnvironment', 202)).toEqual(['Preference-Applied'])
  expect(headersOf('deleteEnvironment', 204)).toEqual(['Preference-Applied'])
  expect(headersOf('createUser', 201)).toEqual(['Location'])
  const parameter = (id: string, name: string) => byId.get(id)?.parameters?.find((each) => each.name === name)
  expect(parameter('createEnvironment', 'Idempotency-Key')?.description).toMatch(/For a day, .* same person/)
  expect(parameter('stopEnvironment', 'Prefer')?.description).toContain('55 seconds')
  expect(parameter('getEnvironmentLogs', 'follow')?.schema.type).toBe('boolean')
  expect(parameter('followEnvironmentEvents', 'follow')?.schema.type).toBe('boolean')
})

// Trouble (files): a program knows the document alone, and an upload of its breaks off
test('the document has the headers of resumable uploads, of downloads and of versions', async () => {
  await using lab = await openLab()
  const { byId } = await operations(lab)
  const answered = (id: string, status: number) => Object.keys(byId.get(id)?.responses[status]?.headers ?? {})
  const sent = (id: string) =>
    byId.get(id)?.parameters?.flatMap((each) => (each.in === 'header' ? [each.name] : [])) ?? []
  expect(sent('createUpload')).toEqual(['Tus-Resumable', 'Upload-Length', 'Upload-Metadata'])
  expect(answered('createUpload', 201)).toEqual(['Location', 'Tus-Resumable', 'Upload-Offset', 'Upload-Expires'])
  expect(sent('checkUpload')).toEqual(['Tus-Resumable'])
  expect(answered('checkUpload', 200)).toContain('Upload-Offset')
  expect(sent('resumeUpload')).toEqual(['Tus-Resumable', 'Upload-Offset'])
  expect(answered('resumeUpload', 204)).toContain('Upload-Offset')
  expect(sent('deleteUpload')).toEqual(['Tus-Resumable'])
  const ofDownloads = ['If-Match', 'If-None-Match', 'Range', 'If-Range', 'Want-Repr-Digest']
  for (const [read, write] of [
    ['getUserFile', 'uploadUserFile'],
    ['getSharedFile', 'uploadSharedFile'],
  ] as const) {
    expect(sent(read)).toEqual(ofDownloads)
    expect(answered(read, 200)).toContain('ETag')
    expect(answered(read, 206)).toContain('Content-Range')
    expect(answered(write, 201)).toEqual(['ETag'])
  }
})

test('the document says where a token comes from, and marks what only the existing portals read', async () => {
  await using lab = await openLab()
  const { document } = await operations(lab)
  const { securitySchemes, schemas } = document.components
  expect(securitySchemes.bearer.description).toContain('admin/first-admin-token')
  expect(schemas.Environment.properties.owner.deprecated).toBe(true)
  expect(schemas.Problem.properties.error.deprecated).toBe(true)
  expect(
    Object.values(schemas.Environment.properties).filter((each) => (each as { deprecated?: true }).deprecated),
  ).toHaveLength(1)
})

test('the page at /docs begins with a guide for newcomers', async () => {
  await using lab = await openLab()
  const { document } = await operations(lab)
  const headings = Array.from(document.info.description.matchAll(/^## (.*)$/gm), ([, words]) => words)
  expect(headings).toEqual([
    '1. Get a token',
    '2. Create an environment, and wait for it',
    '3. Open it',
    '4. Errors',
    'Lists',
  ])
})

// Trouble (first-hour): the commands at /docs name port 5555, and the service has another address
test('the commands of the guide at /docs have the address of the service', async () => {
  await using lab = await openLab({ env: { PUBLIC_URL: 'http://localhost:7000' } })
  const { document } = await operations(lab)
  expect(document.info.description).toContain('API=http://localhost:7000/api\n')
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
