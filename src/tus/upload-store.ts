import { readdir, rm, stat } from 'node:fs/promises'
import { FileStore } from '@tus/file-store'
import { Upload } from '@tus/utils'
import { Problem } from '../domain/problem.ts'
import { createOneAtATime } from '../lib/one-at-a-time.ts'
import { randomOctets } from '../lib/random.ts'
import { sha256 } from '../lib/sha256.ts'
import { systemCode } from '../lib/system-code.ts'
import { finishedIn, isFinished, noteOf, type UploadNotes } from './upload-notes.ts'

const unfinishedAtMost = 50
/** How each name in the folder begins that belongs to an upload. */
const ofUpload = /^[0-9a-f]{16}-[0-9a-f]{32}/

/** Called when a request begins to write. What it gives is told what that request has brought by then, before it is on the disk. */
type BeginNote = () => (bytes: number) => void

/**
 * Unfinished uploads on disk. A finished one leaves a note: a client that did not hear of its end asks again, and must not begin
 * anew.
 */
export class UploadStore extends FileStore {
  readonly #oneAtATime = createOneAtATime()
  readonly #notes: UploadNotes
  readonly #beginNote: BeginNote

  constructor({ notes, beginNote, keptMs }: { notes: UploadNotes; beginNote: BeginNote; keptMs: number }) {
    super({ directory: notes.directory, configstore: notes, expirationPeriodInMilliseconds: keptMs })
    this.#notes = notes
    this.#beginNote = beginNote
  }

  /** If the upload ends between the looks at its note and at its bytes, these are gone, and its note tells. */
  override async getUpload(id: string): Promise<Upload> {
    const ended = await this.#finished(id)
    if (ended) return ended
    try {
      return await super.getUpload(id)
    } catch (error) {
      const ended = await this.#finished(id)
      if (ended) return ended
      throw error
    }
  }

  async #finished(id: string): Promise<Upload | null> {
    const kept = await this.configstore.get(id)
    if (!kept || !isFinished(kept)) return null
    const size = kept.size ?? 0
    return new Upload({ ...kept, size, offset: size } as ConstructorParameters<typeof Upload>[0])
  }

  override write(content: Parameters<FileStore['write']>[0], id: string, offset: number): Promise<number> {
    const note = this.#beginNote()
    let bytes = 0
    content.on('data', (piece: Buffer) => {
      bytes += piece.length
      note(bytes)
    })
    return super.write(content, id, offset)
  }

  /** The bytes have become a file elsewhere. */
  async finish(id: string): Promise<void> {
    await this.#notes.finish(id).catch(unlessGone)
    await rm(`${this.directory}/${id}`, { force: true })
  }

  override async remove(id: string): Promise<void> {
    for (const folder of this.#folders()) await removeIn(folder, id)
  }

  /** Goes by the time of an upload's note, which was written when it began or when it was finished; without a note, by that of its bytes. */
  override async deleteExpired(): Promise<number> {
    const before = Date.now() - this.getExpiration()
    let removed = 0
    for (const folder of this.#folders()) {
      const names = (await namesIn(folder)).filter((name) => ofUpload.test(name))
      for (const id of new Set(names.map((name) => name.replace(/\.json$/, '')))) {
        const info = (await infoOf(noteOf(folder, id))) ?? (await infoOf(`${folder}/${id}`))
        if (!info || info.mtimeMs >= before) continue
        await removeIn(folder, id)
        removed += 1
      }
    }
    return removed
  }

  #folders(): string[] {
    return [this.directory, finishedIn(this.directory)]
  }

  /** The name of a new upload begins with what tells whose it is. */
  newId(owner: string): string {
    return `${prefixOf(owner)}${Buffer.from(randomOctets(16)).toString('hex')}`
  }

  /** @throws Problem too-many-at-once; of two that are begun at one instant, the second counts the first */
  override create(upload: Upload): Promise<Upload> {
    const owner = upload.metadata?.owner ?? ''
    return this.#oneAtATime(owner, async () => {
      if ((await this.#idsOf(owner)).length < unfinishedAtMost) return await this.#createWhole(upload)
      const detail = `You have ${unfinishedAtMost} unfinished uploads. Finish some, or remove them.`
      throw new Problem('too-many-at-once', detail)
    })
  }

  /** Bytes without a note would count as an unfinished upload, which nobody could finish or remove. */
  async #createWhole(upload: Upload): Promise<Upload> {
    try {
      return await super.create(upload)
    } catch (error) {
      await this.remove(upload.id)
      throw error
    }
  }

  /** The person's unfinished uploads: 50 at most. */
  async unfinishedOf(owner: string): Promise<Upload[]> {
    const found = await Promise.all(
      (await this.#idsOf(owner)).map(async (id) => {
        const kept = await this.configstore.get(id)
        const info = await infoOf(`${this.directory}/${id}`)
        if (!kept || isFinished(kept) || !info) return []
        return new Upload({ ...kept, id, offset: info.size } as ConstructorParameters<typeof Upload>[0])
      }),
    )
    return found.flat()
  }

  /** A finished upload has no bytes here, so the names tell which are unfinished. Notes, and drafts of notes, have a dot in theirs. */
  async #idsOf(owner: string): Promise<string[]> {
    const names = await namesIn(this.directory)
    return names.filter((name) => name.startsWith(prefixOf(owner)) && !name.includes('.'))
  }
}

async function removeIn(folder: string, id: string): Promise<void> {
  await rm(`${folder}/${id}`, { force: true })
  await rm(noteOf(folder, id), { force: true })
}

function prefixOf(owner: string): string {
  return `${sha256(owner).slice(0, 16)}-`
}

/** None if somebody has removed the folder: the next upload makes it again. */
async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}

/** Null if there is no such file: the upload may have been finished, or removed, meanwhile. */
async function infoOf(file: string): Promise<{ size: number; mtimeMs: number } | null> {
  try {
    return await stat(file)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}

/** A client may give up an upload in the middle of its end. */
function unlessGone(error: unknown): void {
  if (systemCode(error) !== 'ENOENT') throw error
}
