import { EVENTS, Server, type Upload } from '@tus/server'
import type { Conditions } from '../domain/files/conditions.ts'
import type { Place } from '../domain/files/place.ts'
import { type UploadTarget, uploadTarget } from '../domain/files/upload.ts'
import type { Caller } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem, problems } from '../domain/problem.ts'
import { basePathOf } from '../lib/base-path.ts'
import { createOneAtATime } from '../lib/one-at-a-time.ts'
import { systemCode } from '../lib/system-code.ts'
import type { AdoptOptions } from '../ports/file-trees.ts'
import type { UploadServer } from '../ports/upload-server.ts'
import { UploadNotes, type WriteWhole } from './upload-notes.ts'
import { isFinished, UploadStore } from './upload-store.ts'

const keptMs = 7 * 86_400_000
const uploadsPath = '/api/uploads'

/** What the files' use case does for uploads. */
type FileUses = {
  /** Checks that an upload may become that file. */
  requireUpload(caller: Caller, place: Place): Promise<void>
  /** Checks that the file is as the caller knows it, before its bytes come. */
  requireAsKnown(caller: Caller, place: Place, conditions: Conditions): Promise<void>
  /** Checks the same before a request brings bytes, and gives it the room for them. */
  promiseUpload(caller: Caller, place: Place, asked: Asked): Promise<Room>
  /** Gives a finished upload its name. */
  adopt(caller: Caller, place: Place, file: string, options: AdoptOptions): Promise<unknown>
}

type Asked = { key: string; comingBytes: number; storedBytes: number }

/** Room for one request. `note` is told what it has brought; `keep` that this stays. */
type Room = Disposable & { note(bytes: number): void; keep(): void }

/**
 * Resumable uploads by tus 1.0. Unfinished ones are in `directory`, which only the service can change; a finished one becomes a file as
 * a `PUT` makes it. Each belongs to the person who began it, and each request needs the right to write the file.
 */
export function createUploadServer(deps: {
  directory: string
  files: FileUses
  publicUrl: string
  writeWhole: WriteWhole
}): UploadServer {
  const { directory, files, publicUrl, writeWhole } = deps
  const configstore = new UploadNotes(directory, writeWhole)
  const store = new UploadStore({ directory, configstore, expirationPeriodInMilliseconds: keptMs })
  const callers = new WeakMap<Request, Caller>()
  const thrown = new WeakMap<Request, Problem>()
  const rooms = new Map<Request, { id: string; from: number; room: Room }>()

  const callerOf = (request: Request): Caller => {
    const caller = callers.get(request)
    if (caller) return caller
    throw new Error('a request came to tus without a caller')
  }

  async function promise(
    request: Request,
    upload: Pick<Upload, 'id' | 'size' | 'offset'>,
    place: Place,
  ): Promise<void> {
    const { id, size = 0, offset } = upload
    const asked = { key: id, comingBytes: size - offset, storedBytes: offset }
    const room = await files.promiseUpload(callerOf(request), place, asked)
    room.keep()
    rooms.set(request, { id, from: offset, room })
  }

  const oneAtATime = createOneAtATime()

  /** Two requests may learn at one instant that all bytes are there: the second finds the upload finished. */
  const finish = (request: Request, { id }: Upload) =>
    oneAtATime(id, async () => {
      const upload = await store.getUpload(id)
      if (isFinished(upload)) return
      // A request that brings no bytes has no room yet.
      if (!rooms.has(request)) await promise(request, upload, targetOf(upload))
      await finishOne(callerOf(request), upload, request.signal)
    })

  /** An end that a later request may bring about keeps its upload; any other is final. */
  async function finishOne(caller: Caller, upload: Upload, signal: AbortSignal): Promise<void> {
    const target = targetOf(upload)
    try {
      await files.adopt(caller, target, `${directory}/${upload.id}`, { ...target, signal })
    } catch (error) {
      const isFinal = error instanceof Problem && problems[error.code].status < 500
      // Whoever signs out in the middle of the end may sign in again and go on.
      if (isFinal && error !== signal.reason) await store.remove(upload.id)
      throw error
    }
    await store.finish(upload.id)
  }

  const server = new Server({
    path: uploadsPath,
    datastore: store,
    allowedOrigins: () => false,
    // A program may reach the service under another name than people do.
    namingFunction: (request) => store.newId(callerOf(request).userId),
    generateUrl: (_request, { id }) => `${basePathOf(publicUrl)}${uploadsPath}/${id}`,

    async onUploadCreate(request, upload) {
      const caller = callerOf(request)
      if (upload.size === undefined) throw new Problem('invalid-request', 'An upload needs its length: Upload-Length.')
      const target = targetOf(upload)
      await files.requireAsKnown(caller, target, target)
      await promise(request, { id: upload.id, size: upload.size, offset: 0 }, target)
      return { metadata: { ...upload.metadata, owner: caller.userId } }
    },

    async onIncomingRequest(request, id) {
      if (request.method === 'POST') return
      const caller = callerOf(request)
      const upload = await store.getUpload(id)
      if (upload.metadata?.owner !== caller.userId) throw new Problem('upload-not-found', `There is no upload ${id}.`)
      if (isFinished(upload) || request.method === 'DELETE') return
      if (request.method === 'PATCH') return await promise(request, upload, targetOf(upload))
      await files.requireUpload(caller, targetOf(upload))
      if (upload.offset === upload.size) await finish(request, upload)
    },

    async onUploadFinish(request, upload) {
      await finish(request, upload)
      return {}
    },

    onResponseError(request, error) {
      const problem = error instanceof Problem ? error : noRoomOf(error)
      if (problem) thrown.set(request, problem)
      return undefined
    },
  })

  server.on(EVENTS.POST_RECEIVE, (_request, { id, offset }) => {
    // It may come late: then it tells of an earlier request.
    for (const { id: ofRoom, from, room } of rooms.values())
      if (ofRoom === id && offset > from) room.note(offset - from)
  })

  return {
    async answer(request, caller) {
      callers.set(request, caller)
      try {
        const response = await server.handleWeb(request as never)
        const problem = thrown.get(request)
        if (problem) throw problem
        return response
      } finally {
        rooms.get(request)?.room[Symbol.dispose]()
        rooms.delete(request)
      }
    },
    waitingBytesOf: (userId, without) => store.unfinishedBytesOf(userId, { without, counts: goesTo(userId) }),
    removeExpired: () => server.cleanUpExpiredUploads(),
  }
}

/** The problem behind a system error, if the disk takes no more; null for any other. */
function noRoomOf(cause: unknown): Problem | null {
  const code = systemCode(cause)
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return null
  const what =
    code === 'EDQUOT' ? 'The quota of unfinished uploads is used up' : 'The disk of unfinished uploads is full'
  return new Problem('no-room', `${what}. Once there is room, an upload can go on where it was.`, { cause })
}

/** Whether an upload goes to the person's own folder. */
const goesTo = (userId: UserId) => (upload: Pick<Upload, 'metadata'>) => {
  const { tree } = targetOf(upload)
  return tree.kind === 'person' && tree.userId === userId
}

function targetOf({ metadata }: Pick<Upload, 'metadata'>): UploadTarget {
  return uploadTarget(metadata ?? {})
}
