import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Problem } from '../../../src/domain/problem.ts'
import { createUploadServer } from '../../../src/tus/upload-server.ts'
import { callerNamed } from '../../support/caller.ts'

const alice = callerNamed('alice')
const room = { note() {}, keep() {}, [Symbol.dispose]() {} }
const tus = { 'tus-resumable': '1.0.0' }

/** Begins an upload of five bytes; gives its address. */
async function begun(server: ReturnType<typeof createUploadServer>): Promise<string> {
  const to = Buffer.from('/api/users/alice/files/x').toString('base64')
  const headers = { ...tus, 'upload-length': '5', 'upload-metadata': `to ${to}` }
  const answer = await server.answer(new Request('http://lab/api/uploads', { method: 'POST', headers }), alice)
  return `http://lab${answer.headers.get('location')}`
}

/** The request that brings all five bytes. */
function hello(url: string, signal: AbortSignal = new AbortController().signal): Request {
  const headers = { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }
  return new Request(url, { method: 'PATCH', headers, body: 'hello', signal })
}

// Trouble (files): two requests learn at one instant that all bytes of an upload are there
test('an upload becomes a file once, also if two requests finish it at one instant', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ai-lab-uploads-'))
  try {
    const adopted: string[] = []
    let isFull = true
    const server = createUploadServer({
      directory,
      publicUrl: 'http://lab',
      files: {
        requireUpload: async () => {},
        requireAsKnown: async () => {},
        promiseUpload: async () => room,
        async adopt(_caller, _place, file) {
          if (isFull) throw new Problem('no-room', 'The disk is full.')
          adopted.push(await readFile(file, 'utf8'))
        },
      },
    })
    const url = await begun(server)
    await expect(server.answer(hello(url), alice)).rejects.toMatchObject({ code: 'no-room' })

    isFull = false
    const head = () => server.answer(new Request(url, { method: 'HEAD', headers: tus }), alice)
    const answers = await Promise.all([head(), head(), head()])
    expect(answers.map(({ status, headers }) => [status, headers.get('upload-offset')])).toEqual([
      [200, '5'],
      [200, '5'],
      [200, '5'],
    ])
    expect(adopted).toEqual(['hello'])
  } finally {
    await rm(directory, { recursive: true })
  }
})

// Trouble (files): a person signs out while the last bytes of their upload become durable
test('an upload whose person loses their session at its end is there when they come back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ai-lab-uploads-'))
  try {
    const session = new AbortController()
    const adopted: string[] = []
    const server = createUploadServer({
      directory,
      publicUrl: 'http://lab',
      files: {
        requireUpload: async () => {},
        requireAsKnown: async () => {},
        promiseUpload: async () => room,
        async adopt(_caller, _place, file, { signal }) {
          if (!session.signal.aborted) session.abort(new Problem('unauthenticated', 'The session has ended.'))
          signal.throwIfAborted()
          adopted.push(await readFile(file, 'utf8'))
        },
      },
    })
    const url = await begun(server)
    await expect(server.answer(hello(url, session.signal), alice)).rejects.toMatchObject({ code: 'unauthenticated' })
    const head = await server.answer(new Request(url, { method: 'HEAD', headers: tus }), alice)
    expect([head.status, head.headers.get('upload-offset'), adopted]).toEqual([200, '5', ['hello']])
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('of uploads that one person begins at one instant, 50 are taken', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ai-lab-uploads-'))
  try {
    const files = {
      requireUpload: async () => {},
      requireAsKnown: async () => {},
      promiseUpload: async () => room,
      adopt: async () => {},
    }
    const server = createUploadServer({ directory, publicUrl: 'http://lab', files })
    const to = Buffer.from('/api/users/alice/files/x').toString('base64')
    const headers = { ...tus, 'upload-length': '5', 'upload-metadata': `to ${to}` }
    const begin = (caller = alice) =>
      server.answer(new Request('http://lab/api/uploads', { method: 'POST', headers }), caller)
    const begun = await Promise.allSettled(Array.from({ length: 60 }, () => begin()))
    expect(begun.filter(({ status }) => status === 'fulfilled')).toHaveLength(50)
    expect((await begin(callerNamed('bob'))).status).toBe(201)
  } finally {
    await rm(directory, { recursive: true })
  }
})
