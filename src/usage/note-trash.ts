import type { Trashed, TrashPosition, TrashStore } from '../ports/trash-store.ts'

const atOnce = 200

/**
 * Notes what entries of the trash take, by a count that began at that moment. What was deleted later was still counted where it was, and so
 * was a file that is still on its way there.
 */
export async function noteTrash(
  {
    store,
    bytesOfFile,
  }: {
    store: Pick<TrashStore, 'list' | 'setBytes'>
    /** What a file of the trash takes; null if it is not there. */
    bytesOfFile: (id: string) => Promise<number | null>
  },
  /** The figures of the counted folders by their ids. */
  folders: ReadonlyMap<string, number>,
  countedFrom: number,
): Promise<void> {
  const bytesOf = async ({ id, kind, bytes }: Trashed) =>
    folders.get(id) ?? bytes ?? (kind === 'file' ? await bytesOfFile(id) : 0)

  for (let after: TrashPosition | null = { deletedAt: countedFrom, id: '' }; after; ) {
    const page = await store.list({ tree: null, after, limit: atOnce })
    const counted = new Map<string, number>()
    for (const each of page) {
      const bytes = await bytesOf(each)
      if (bytes !== null && bytes !== each.bytes) counted.set(each.id, bytes)
    }
    await store.setBytes(counted)
    const last = page.at(-1)
    after = last ? { deletedAt: last.deletedAt, id: last.id } : null
  }
}
