import { AsyncLocalStorage } from 'node:async_hooks'
import { Server, type Upload } from '@tus/server'
import type { Conditions } from '../domain/files/conditions.ts'
import type { Place } from '../domain/files/place.ts'
import { type UploadTarget, uploadTarget } from '../domain/files/upload.ts'
import type { Caller } from '../domain/people/account.ts'
import { requireRight } from '../domain/people/can.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem, problems } from '../domain/problem.ts'
import { basePathOf } from '../lib/base-path.ts'
import { createOneAtATime } from '../lib/one-at-a-time.ts'
import { systemCode } from '../lib/system-code.ts'
import type { AdoptOptions } from '../ports/file-trees.ts'
import type { UnfinishedUpload, UploadServer } from '../ports/upload-server.ts'
import { asBegun, isFinished, UploadNotes, type WriteWhole } from './upload-notes.ts'
import { UploadStore } from './upload-store.ts'

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

/** A request while tus works on it. `room`: null until it needs some. `thrown`: of which tus would make an answer of its own. */
type Visit = { caller: Caller; room: Room | null; thrown: Problem | null }

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
  const visits = new AsyncLocalStorage<Visit>()
  const store = new UploadStore({
    ...{ notes: new UploadNotes(directory, writeWhole), keptMs },
    beginNote() {
      const { room } = visit()
      return (bytes) => room?.note(bytes)
    },
  })

  function visit(): Visit {
    const current = visits.getStore()
    if (current) return current
    throw new Error('a request came to tus without a caller')
  }

  async function promise(
    { id, size = 0, offset }: Pick<Upload, 'id' | 'size' | 'offset'>,
    place: Place,
  ): Promise<void> {
    const current = visit()
    const asked = { key: id, comingBytes: size - offset, storedBytes: offset }
    current.room = await files.promiseUpload(current.caller, place, asked)
    // The bytes that it has brought stay, however the request ends.
    current.room.keep()
  }

  const oneAtATime = createOneAtATime()

  /** Two requests may learn at one instant that all bytes are there: the second finds the upload finished. */
  const finish = ({ signal }: Request, { id }: Upload) =>
    oneAtATime(id, async () => {
      const upload = await store.getUpload(id)
      if (isFinished(upload)) return
      // A request that brings no bytes has no room yet.
      if (!visit().room) await promise(upload, targetOf(upload))
      await finishOne(visit().caller, upload, signal)
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
    namingFunction: () => store.newId(visit().caller.userId),
    generateUrl: (_request, { id }) => `${basePathOf(publicUrl)}${uploadsPath}/${id}`,

    async onUploadCreate(_request, upload) {
      const { caller } = visit()
      if (upload.size === undefined) throw new Problem('invalid-request', 'An upload needs its length: Upload-Length.')
      const target = targetOf(upload)
      await files.requireAsKnown(caller, target, target)
      await promise({ id: upload.id, size: upload.size, offset: 0 }, target)
      return { metadata: { ...asBegun(upload.metadata ?? {}), owner: caller.userId } }
    },

    async onIncomingRequest(request, id) {
      if (request.method === 'POST') return
      const { caller } = visit()
      const upload = await store.getUpload(id)
      if (upload.metadata?.owner !== caller.userId) throw new Problem('upload-not-found', `There is no upload ${id}.`)
      if (isFinished(upload) || request.method === 'DELETE') return
      if (request.method === 'PATCH') return await promise(upload, targetOf(upload))
      await files.requireUpload(caller, targetOf(upload))
      if (upload.offset === upload.size) await finish(request, upload)
    },

    async onUploadFinish(request, upload) {
      await finish(request, upload)
      return {}
    },

    onResponseError(_request, error) {
      const problem = error instanceof Problem ? error : noRoomOf(error)
      if (problem) visit().thrown = problem
      return undefined
    },
  })

  return {
    async answer(request, caller) {
      const own: Visit = { caller, room: null, thrown: null }
      try {
        const response = await visits.run(own, () => server.handleWeb(request as never))
        if (own.thrown) throw own.thrown
        return response
      } finally {
        own.room?.[Symbol.dispose]()
      }
    },
    async unfinishedOf(caller) {
      requireRight(caller, 'file:change', { owner: caller.userId }, "These are another person's uploads.")
      const uploads = (await store.unfinishedOf(caller.userId)).map(
        ({ id, metadata, size = 0, offset, creation_date: begun = '' }): UnfinishedUpload => ({
          ...{ id, to: metadata?.to ?? '', sizeBytes: size, storedBytes: offset, begunAt: Date.parse(begun) },
        }),
      )
      return uploads.sort((one, other) => one.begunAt - other.begunAt)
    },
    async waitingBytesOf(userId, without) {
      const uploads = (await store.unfinishedOf(userId)).filter(({ id }) => !without.includes(id))
      return uploads.filter(goesTo(userId)).reduce((sum, { offset }) => sum + offset, 0)
    },
    async removeUnfinishedOf(userId) {
      for (const { id } of await store.unfinishedOf(userId)) await store.remove(id)
    },
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
