import { mkdir, open, rename, utimes } from 'node:fs/promises'
import { FileConfigstore } from '@tus/file-store'
import type { Upload } from '@tus/utils'

/** Writes a small file: after a failure or a power cut it is the new one or the old one, never half of it. */
export type WriteWhole = (file: string, text: string, mode: number) => Promise<void>

const finished = 'finished'

/**
 * The notes of uploads. Those of tus itself are empty after a write to a full disk: their uploads then belong to nobody. Those of finished
 * uploads are in a folder of their own, so that nobody who looks for the unfinished reads their names.
 */
export class UploadNotes extends FileConfigstore {
  readonly #writeWhole: WriteWhole
  readonly #finished: FileConfigstore

  constructor(directory: string, writeWhole: WriteWhole) {
    super(directory)
    this.#writeWhole = writeWhole
    this.#finished = new FileConfigstore(finishedIn(directory))
  }

  /** Looks at the second place last: a note that moves there meanwhile is found in one of both. */
  override async get(id: string): Promise<Upload | undefined> {
    const begun = await super.get(id)
    const ended = await this.#finished.get(id)
    if (ended) ended.metadata = { ...ended.metadata, [finished]: 'true' }
    return ended ?? begun
  }

  override async set(id: string, upload: Upload): Promise<void> {
    await this.#writeWhole(noteOf(this.directory, id), JSON.stringify(upload), 0o600)
    await this.#makeFolder()
  }

  /** Takes no room on the disk: the upload has become a file, and must not seem to have failed. */
  async finish(id: string): Promise<void> {
    const note = noteOf(this.directory, id)
    await this.#makeFolder() // an earlier version made none when the upload began
    await utimes(note, new Date(), new Date())
    await rename(note, noteOf(this.#finished.directory, id))
    await using folder = await open(this.#finished.directory)
    await folder.sync()
  }

  async #makeFolder(): Promise<void> {
    await mkdir(this.#finished.directory, { recursive: true, mode: 0o700 })
  }
}

/** Also by the mark that earlier versions wrote into the note. */
export function isFinished({ metadata }: Pick<Upload, 'metadata'>): boolean {
  return metadata?.[finished] !== undefined
}

/** What a client says about its upload, without that mark: it must not say that itself. */
export function asBegun({ [finished]: _, ...metadata }: NonNullable<Upload['metadata']>): typeof metadata {
  return metadata
}

export function noteOf(directory: string, id: string): string {
  return `${directory}/${id}.json`
}

export function finishedIn(directory: string): string {
  return `${directory}/${finished}`
}
