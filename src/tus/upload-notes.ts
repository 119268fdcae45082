import { mkdir, rm } from 'node:fs/promises'
import { FileConfigstore } from '@tus/file-store'
import type { Upload } from '@tus/utils'

/** Writes a small file: after a failure or a power cut it is the new one or the old one, never half of it. */
export type WriteWhole = (file: string, text: string, mode: number) => Promise<void>

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

  override async get(id: string): Promise<Upload | undefined> {
    return (await this.#finished.get(id)) ?? (await super.get(id))
  }

  override async set(id: string, upload: Upload): Promise<void> {
    await this.#writeWhole(noteOf(this.directory, id), JSON.stringify(upload), 0o600)
  }

  async finish(id: string, upload: Upload): Promise<void> {
    const { directory } = this.#finished
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await this.#writeWhole(noteOf(directory, id), JSON.stringify(upload), 0o600)
    await rm(noteOf(this.directory, id), { force: true })
  }
}

export function noteOf(directory: string, id: string): string {
  return `${directory}/${id}.json`
}

export function finishedIn(directory: string): string {
  return `${directory}/finished`
}
