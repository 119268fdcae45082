/** Clients that generators make from docs/openapi.json: they compile, and do the main job. */
import { expect, test } from 'vitest'
import { generatedClient } from '../support/generated-client.ts'
import { openLab } from '../support/lab.ts'

const openApiTs = {
  generate: `
import { createClient } from '@hey-api/openapi-ts'
const [, , input, path] = process.argv
await createClient({ input, output: { path, importFileExtension: '.ts' }, logs: { level: 'silent' } })
`,
  program: `
import { client } from './client/client.gen.ts'
import {
  createEnvironment, createUpload, deleteEnvironment, getEnvironment, getEnvironmentLogs, listEnvironments, pauseEnvironment,
  resumeUpload, startEnvironment, stopEnvironment,
} from './client/sdk.gen.ts'

const [, , baseUrl = '', token = ''] = process.argv
client.setConfig({ baseUrl, auth: ({ scheme }) => (scheme === 'bearer' ? token : undefined) })
const headers = { Prefer: 'wait=20' }
const created = await createEnvironment({
  body: { template: 'jupyterlab', name: 'mine' },
  headers: { ...headers, 'Idempotency-Key': 'one' },
  throwOnError: true,
})
const path = { id: created.data.id }
const told: (string | number | boolean | undefined)[] = [created.data.status]
const list = await listEnvironments({ query: { limit: 10 }, throwOnError: true })
told.push(...list.data.items.map(({ name }) => name))
const one = await getEnvironment({ path, throwOnError: true })
told.push(one.data.transition?.action)
told.push((await stopEnvironment({ path, headers, throwOnError: true })).data.status)
const { error } = await pauseEnvironment({ path })
told.push(error?.type, error && 'status' in error ? error.status : 0)
told.push((await startEnvironment({ path, headers, throwOnError: true })).data.status)
const logs = await getEnvironmentLogs({ path, query: { tail: 5, follow: false }, throwOnError: true })
told.push(typeof logs.data)
const gone = await deleteEnvironment({ path, headers, throwOnError: true })
told.push(gone.response.status)
const upload = await createUpload({
  headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': '3', 'Upload-Metadata': 'to ' + btoa('/api/shared/files/x') },
  throwOnError: true,
})
const resumed = await resumeUpload({
  path: { id: upload.response.headers.get('location')?.split('/').at(-1) ?? '' },
  headers: { 'Tus-Resumable': '1.0.0', 'Upload-Offset': '0' },
  body: new Blob(['abc']),
  throwOnError: true,
})
told.push(resumed.response.headers.get('upload-offset') ?? '')
// @ts-expect-error: there is no such field
void (() => createEnvironment({ body: { templat: 'jupyterlab' } }))
console.log(JSON.stringify(told))
`,
}

const openApiTypescript = {
  generate: `
import { mkdir, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import openapiTS, { astToString } from 'openapi-typescript'
const [, , input, path] = process.argv
await mkdir(path)
await writeFile(path + '/schema.d.ts', astToString(await openapiTS(pathToFileURL(input))))
`,
  program: `
import createClient from 'openapi-fetch'
import type { paths } from './client/schema.d.ts'

const [, , baseUrl = '', token = ''] = process.argv
const { GET, PATCH, POST, DELETE } = createClient<paths>({ baseUrl, headers: { Authorization: 'Bearer ' + token } })
function must<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Error(JSON.stringify(error))
  return data
}
const header = { Prefer: 'wait=20' }
const created = must(await POST('/api/environments', {
  params: { header: { ...header, 'Idempotency-Key': 'one' } },
  body: { template: 'jupyterlab', name: 'mine' },
}))
const params = { path: { id: created.id }, header }
const told: (string | number | undefined)[] = [created.status]
const list = must(await GET('/api/environments', { params: { query: { limit: 10 } } }))
told.push(...list.items.map(({ name }) => name))
const one = must(await GET('/api/environments/{id}', { params: { path: params.path } }))
told.push(one.transition?.action)
told.push(must(await POST('/api/environments/{id}/stop', { params })).status)
const { error } = await POST('/api/environments/{id}/pause', { params })
told.push(error?.type, error?.status)
told.push(must(await POST('/api/environments/{id}/start', { params })).status)
const logs = await GET('/api/environments/{id}/logs', {
  params: { path: params.path, query: { tail: 5, follow: false } },
  parseAs: 'text',
})
told.push(typeof logs.data)
told.push((await DELETE('/api/environments/{id}', { params })).response.status)
const tus = { 'Tus-Resumable': '1.0.0' }
const upload = await POST('/api/uploads', {
  params: { header: { ...tus, 'Upload-Length': '3', 'Upload-Metadata': 'to ' + btoa('/api/shared/files/x') } },
})
const resumed = await PATCH('/api/uploads/{id}', {
  params: {
    path: { id: upload.response.headers.get('location')?.split('/').at(-1) ?? '' },
    header: { ...tus, 'Upload-Offset': '0' },
  },
  body: 'abc',
  bodySerializer: (body) => body,
  headers: { 'Content-Type': 'application/offset+octet-stream' },
})
told.push(resumed.response.headers.get('upload-offset') ?? '')
// @ts-expect-error: there is no such field
void (() => POST('/api/environments', { body: { templat: 'jupyterlab' } }))
console.log(JSON.stringify(told))
`,
}

// Trouble (first-hour): a client that a generator makes from the document does not compile
test.each([
  ['@hey-api/openapi-ts', openApiTs],
  ['openapi-typescript', openApiTypescript],
] as const)('the client that %s generates compiles, and does the main job', async (_, { generate, program }) => {
  await using client = await generatedClient(generate, program)
  await client.check()
  await using lab = await openLab()
  const url = await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
  expect(await client.run(url, lab.adminToken)).toEqual([
    'running',
    'mine',
    null,
    'exited',
    '/problems/wrong-state',
    409,
    'running',
    'string',
    204,
    '3',
  ])
})
