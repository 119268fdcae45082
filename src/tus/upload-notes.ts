import { FileConfigstore } from '@tus/file-store'
import type { Upload } from '@tus/utils'

/** Writes a small file: after a failure or a power cut it is the new one or the old one, never half of it. */
export type WriteWhole = (file: string, text: string, mode: number) => Promise<void>

/** The notes of uploads. Those of tus itself are empty after a write to a full disk: their uploads then belong to nobody. */
export class UploadNotes extends FileConfigstore {
  readonly #writeWhole: WriteWhole

  constructor(directory: string, writeWhole: WriteWhole) {
    super(directory)
    this.#writeWhole = writeWhole
  }

  override async set(id: string, upload: Upload): Promise<void> {
    await this.#writeWhole(noteOf(this.directory, id), JSON.stringify(upload), 0o600)
  }
}

export function noteOf(directory: string, id: string): string {
  return `${directory}/${id}.json`
}
