import { rm } from 'node:fs/promises'
import { FileStore } from '@tus/file-store'
import { Upload } from '@tus/utils'

const finished = 'finished'

/**
 * Unfinished uploads on disk. A finished one leaves a note: a client that did not hear of its end asks again, and must not begin
 * anew.
 */
export class UploadStore extends FileStore {
  override async getUpload(id: string): Promise<Upload> {
    const kept = await this.configstore.get(id)
    if (!kept || !isFinished(kept)) return await super.getUpload(id)
    const size = kept.size ?? 0
    return new Upload({ ...kept, size, offset: size } as ConstructorParameters<typeof Upload>[0])
  }

  /** The bytes have become a file elsewhere. */
  async finish(id: string): Promise<void> {
    const kept = await this.configstore.get(id)
    if (!kept) return
    kept.metadata = { ...kept.metadata, [finished]: 'true' }
    await this.configstore.set(id, kept)
    await rm(`${this.directory}/${id}`, { force: true })
  }

  override async remove(id: string): Promise<void> {
    await rm(`${this.directory}/${id}`, { force: true })
    await this.configstore.delete(id)
  }

  /** How many a person has begun and not finished. */
  async countOf(owner: string): Promise<number> {
    const ids = (await this.configstore.list?.()) ?? []
    const all = await Promise.all(ids.map((id) => this.configstore.get(id)))
    return all.filter((each) => each && each.metadata?.owner === owner && !isFinished(each)).length
  }
}

export function isFinished({ metadata }: Pick<Upload, 'metadata'>): boolean {
  return metadata?.[finished] !== undefined
}
