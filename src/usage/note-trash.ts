import type { TrashPosition, TrashStore } from '../ports/trash-store.ts'

const atOnce = 200

/**
 * Notes what entries of the trash take, by a count that began at that moment. What was deleted later was still counted where it was.
 * `folders`: the figures of the counted folders by their ids; a file's own size is known.
 */
export async function noteTrash(
  store: Pick<TrashStore, 'list' | 'setBytes'>,
  folders: ReadonlyMap<string, number>,
  countedFrom: number,
): Promise<void> {
  for (let after: TrashPosition | null = { deletedAt: countedFrom, id: '' }; after; ) {
    const page = await store.list({ tree: null, after, limit: atOnce })
    const known = page.map(
      ({ id, sizeBytes, bytes }) => [id, bytes, folders.get(id) ?? bytes ?? sizeBytes ?? 0] as const,
    )
    await store.setBytes(new Map(known.flatMap(([id, before, now]) => (now === before ? [] : [[id, now]]))))
    const last = page.at(-1)
    after = last ? { deletedAt: last.deletedAt, id: last.id } : null
  }
}
