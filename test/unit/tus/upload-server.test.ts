import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { writeWhole } from '../../../src/disk/write-whole.ts'
import { Problem } from '../../../src/domain/problem.ts'
import { roomLimits } from '../../../src/domain/room.ts'
import { createPromiseRoom } from '../../../src/files/promised-room.ts'
import { createUploadServer } from '../../../src/tus/upload-server.ts'
import { callerNamed } from '../../support/caller.ts'

const alice = callerNamed('alice')
const room = { note() {}, keep() {}, [Symbol.dispose]() {} }
const tus = { 'tus-resumable': '1.0.0' }

/** Begins an upload of five bytes; gives its address. */
async function begun(
  server: ReturnType<typeof createUploadServer>,
  path = '/api/users/alice/files/x',
  bytes = 5,
): Promise<string> {
  const to = Buffer.from(path).toString('base64')
  const headers = { ...tus, 'upload-length': `${bytes}`, 'upload-metadata': `to ${to}` }
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
      writeWhole,
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
      writeWhole,
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
    const server = createUploadServer({ directory, publicUrl: 'http://lab', files, writeWhole })
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

/** A PATCH that brings those bytes, and breaks off there if it has to. */
function piece(url: string, offset: number, bytes: string, breaksOff = false): Request {
  const headers = { ...tus, 'upload-offset': `${offset}`, 'content-type': 'application/offset+octet-stream' }
  const body = ReadableStream.from(
    (async function* () {
      if (bytes.length > 0) yield Buffer.from(bytes)
      if (breaksOff) throw new Error('the connection is gone')
    })(),
  )
  return new Request(url, { method: 'PATCH', headers, body, duplex: 'half' } as RequestInit)
}

// Trouble (files): a person sends requests without bytes again and again while somebody else uploads a large file
test('a request counts for the room of others with the bytes that it brought, however it ends', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ai-lab-uploads-'))
  try {
    const promise = createPromiseRoom()
    let url = ''
    /** The disk has room for 100 bytes. */
    const measure = async () => {
      const takenBytes = url === '' ? 0 : (await stat(join(directory, basename(url)))).size
      return { freeBytes: roomLimits.problem.bytes + 100 - takenBytes, allowed: null }
    }
    const files: Parameters<typeof createUploadServer>[0]['files'] = {
      ...allowed,
      promiseUpload: (_caller, _place, asked) => promise({ ...asked, by: alice.userId, userId: alice.userId }, measure),
    }
    const server = createUploadServer({ directory, publicUrl: 'http://lab', files, writeWhole })
    const bob = callerNamed('bob').userId
    /** Whether bob's upload of so many bytes has room, if alice sends those requests while the disk is measured. */
    const hasRoom = async (bytes: number, send: () => Promise<unknown>) => {
      const asked = { key: {}, by: bob, userId: bob, comingBytes: null, storedBytes: 0 }
      using room = await promise(asked, async () => {
        const measured = await measure()
        await send()
        return measured
      })
      return await room.onBytes(bytes).then(
        () => true,
        () => false,
      )
    }

    const sendNothing = async () => {
      url = await begun(server, '/api/users/alice/files/x', 90)
      expect((await server.answer(piece(url, 0, ''), alice)).status).toBe(204)
      expect((await server.answer(piece(url, 1, 'h'), alice)).status).toBe(409)
    }
    expect(await hasRoom(100, sendNothing)).toBe(true)
    expect(await hasRoom(99, () => server.answer(piece(url, 0, 'he'), alice))).toBe(false)
    expect(await hasRoom(97, () => server.answer(piece(url, 2, 'll', true), alice))).toBe(false)
    expect(await hasRoom(96, () => server.answer(piece(url, 4, '', true), alice))).toBe(true)
  } finally {
    await rm(directory, { recursive: true })
  }
})

const allowed = {
  requireUpload: async () => {},
  requireAsKnown: async () => {},
  promiseUpload: async () => room,
  adopt: async () => {},
}

/** Makes the files of one folder look eight days older. */
async function age(directory: string): Promise<void> {
  const then = Date.now() / 1000 - 8 * 86_400
  for (const name of await readdir(directory, { recursive: true })) await utimes(join(directory, name), then, then)
}

// Trouble (files): the notes of finished uploads, and what a full disk or a power cut left of others, stay for ever
test('a week later an upload is gone, whether it was finished, broken off, or has an empty note or none', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ai-lab-uploads-'))
  try {
    const server = createUploadServer({ directory, publicUrl: 'http://lab', files: allowed, writeWhole })
    const idOf = (url: string) => url.split('/').at(-1) ?? ''
    await server.answer(hello(await begun(server)), alice)
    await begun(server)
    await writeFile(join(directory, `${idOf(await begun(server))}.json`), '')
    await rm(join(directory, `${idOf(await begun(server))}.json`))
    await writeFile(join(directory, `${idOf(await begun(server))}.json.draft`), '{')
    expect(await readdir(directory)).toHaveLength(9)
    await server.removeExpired()
    expect(await readdir(directory)).toHaveLength(9)
    await age(directory)
    const young = idOf(await begun(server))
    await server.removeExpired()
    expect((await readdir(directory, { recursive: true })).sort()).toEqual([young, `${young}.json`, 'finished'].sort())
  } finally {
    await rm(directory, { recursive: true })
  }
})

// Trouble (cost): people have finished thousands of uploads, and each further one of a person with a limit looks for the unfinished
test('the notes of finished uploads are apart, so that no look for the unfinished reads their names', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ai-lab-uploads-'))
  try {
    const server = createUploadServer({ directory, publicUrl: 'http://lab', files: allowed, writeWhole })
    const [url, early] = [await begun(server), await begun(server)]
    // As an earlier version left it.
    const note = join(directory, `${basename(early)}.json`)
    const kept = JSON.parse(await readFile(note, 'utf8'))
    await writeFile(note, JSON.stringify({ ...kept, metadata: { ...kept.metadata, finished: 'true' } }))
    await rm(join(directory, basename(early)))
    await server.answer(hello(url), alice)
    expect((await readdir(directory)).sort()).toEqual([basename(note), 'finished'].sort())

    const ask = async (method: string) => {
      const requests = [url, early].map((each) => new Request(each, { method, headers: tus }))
      return await Promise.all(requests.map((each) => server.answer(each, alice)))
    }
    expect((await ask('HEAD')).map(({ headers }) => headers.get('upload-offset'))).toEqual(['5', '5'])
    expect((await ask('DELETE')).map(({ status }) => status)).toEqual([204, 204])
    expect(await readdir(directory, { recursive: true })).toEqual(['finished'])
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('what waits for its end is asked for by person and place, and none of it if somebody has removed the folder', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ai-lab-uploads-'))
  try {
    const server = createUploadServer({ directory, publicUrl: 'http://lab', files: allowed, writeWhole })
    const begin = async (to: string, bytes: number) => {
      const id = (await begun(server, to)).split('/').at(-1) ?? ''
      await writeFile(join(directory, id), Buffer.alloc(bytes))
      return id
    }
    const under = await begin('/api/users/alice/files/x', 1)
    await begin('/api/users/alice/files/y', 2)
    await begin('/api/shared/files/x', 4)
    await begin('/api/users/bob/files/x', 4)
    await server.answer(hello(await begun(server)), alice)
    const waiting = (caller = alice) => server.waitingBytesOf(caller.userId, [under, {}])
    expect([await waiting(), await waiting(callerNamed('bob'))]).toEqual([2, 0])
    await rm(directory, { recursive: true })
    expect(await waiting()).toBe(0)
    expect(await begun(server)).toContain('/api/uploads/')
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})

// Trouble (authority): a person marks their uploads as finished themselves, and stores bytes that count for no limit
test('an upload is not finished because its client says so', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ai-lab-uploads-'))
  try {
    const server = createUploadServer({ directory, publicUrl: 'http://lab', files: allowed, writeWhole })
    const to = Buffer.from('/api/users/alice/files/x').toString('base64')
    const headers = { ...tus, 'upload-length': '5', 'upload-metadata': `to ${to},finished dHJ1ZQ==` }
    const answer = await server.answer(new Request('http://lab/api/uploads', { method: 'POST', headers }), alice)
    const url = `http://lab${answer.headers.get('location')}`
    await server.answer(piece(url, 0, 'hel'), alice)
    expect(await server.waitingBytesOf(alice.userId, [])).toBe(3)
    expect(await server.unfinishedOf(alice)).toMatchObject([{ storedBytes: 3 }])
  } finally {
    await rm(directory, { recursive: true })
  }
})

// Trouble (files): the disk is full when an upload begins, and its empty note makes it nobody's
test('an upload whose note cannot be written leaves nothing when it begins', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ai-lab-uploads-'))
  try {
    const server = createUploadServer({ directory, publicUrl: 'http://lab', files: allowed, writeWhole: noRoom })
    await expect(begun(server)).rejects.toMatchObject({ code: 'no-room' })
    expect(await readdir(directory)).toEqual([])
  } finally {
    await rm(directory, { recursive: true })
  }
})

// Trouble (files): the disk has nothing free at the end of an upload, which is told that it failed after its file was made
test('an upload that has become a file needs no room for its note', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ai-lab-uploads-'))
  try {
    let isFull = false
    const adopted: string[] = []
    const server = createUploadServer({
      ...{ directory, publicUrl: 'http://lab' },
      files: { ...allowed, adopt: async (_caller, _place, file) => void adopted.push(basename(file)) },
      writeWhole: (...note) => (isFull ? noRoom() : writeWhole(...note)),
    })
    const url = await begun(server)
    expect((await readdir(directory)).sort()).toEqual([basename(url), `${basename(url)}.json`, 'finished'])
    isFull = true
    await age(directory)
    expect((await server.answer(hello(url), alice)).status).toBe(204)
    await server.removeExpired()
    const head = await server.answer(new Request(url, { method: 'HEAD', headers: tus }), alice)
    expect([head.status, head.headers.get('upload-offset'), adopted]).toEqual([200, '5', [basename(url)]])
    expect(await readdir(directory, { recursive: true })).toEqual(['finished', `finished/${basename(url)}.json`])
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('an upload that an earlier version began ends where no folder is for its note', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ai-lab-uploads-'))
  try {
    const server = createUploadServer({ directory, publicUrl: 'http://lab', files: allowed, writeWhole })
    const url = await begun(server)
    await rm(join(directory, 'finished'), { recursive: true })
    await server.answer(hello(url), alice)
    expect(await readdir(join(directory, 'finished'))).toEqual([`${basename(url)}.json`])
  } finally {
    await rm(directory, { recursive: true })
  }
})

async function noRoom(): Promise<void> {
  throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
}
