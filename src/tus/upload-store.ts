import { readdir, rm, stat } from 'node:fs/promises'
import { FileStore } from '@tus/file-store'
import { Upload } from '@tus/utils'
import { Problem } from '../domain/problem.ts'
import { createOneAtATime } from '../lib/one-at-a-time.ts'
import { randomOctets } from '../lib/random.ts'
import { sha256 } from '../lib/sha256.ts'
import { systemCode } from '../lib/system-code.ts'

const finished = 'finished'
const unfinishedAtMost = 50

/**
 * Unfinished uploads on disk. A finished one leaves a note: a client that did not hear of its end asks again, and must not begin
 * anew.
 */
export class UploadStore extends FileStore {
  readonly #oneAtATime = createOneAtATime()

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

  /** The name of a new upload begins with what tells whose it is. */
  newId(owner: string): string {
    return `${prefixOf(owner)}${Buffer.from(randomOctets(16)).toString('hex')}`
  }

  /** @throws Problem too-many-at-once; of two that are begun at one instant, the second counts the first */
  override create(upload: Upload): Promise<Upload> {
    const owner = upload.metadata?.owner ?? ''
    return this.#oneAtATime(owner, async () => {
      if ((await this.#unfinishedOf(owner)).length < unfinishedAtMost) return await super.create(upload)
      const detail = `You have ${unfinishedAtMost} unfinished uploads. Finish some, or remove them.`
      throw new Problem('too-many-at-once', detail)
    })
  }

  /** What the person's unfinished uploads hold, without some of them. */
  async unfinishedBytesOf(owner: string, without: readonly string[]): Promise<number> {
    const ids = (await this.#unfinishedOf(owner)).filter((id) => !without.includes(id))
    const sizes = ids.map((id) => stat(`${this.directory}/${id}`).then(({ size }) => size, nothingIfMissing))
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  }

  /** A finished upload has its note alone, so the names tell which are unfinished. */
  async #unfinishedOf(owner: string): Promise<string[]> {
    const names = await readdir(this.directory)
    return names.filter((name) => name.startsWith(prefixOf(owner)) && !name.endsWith('.json'))
  }
}

function prefixOf(owner: string): string {
  return `${sha256(owner).slice(0, 16)}-`
}

export function isFinished({ metadata }: Pick<Upload, 'metadata'>): boolean {
  return metadata?.[finished] !== undefined
}

/** It was finished, or removed, meanwhile. */
function nothingIfMissing(error: unknown): number {
  if (systemCode(error) === 'ENOENT') return 0
  throw error
}
