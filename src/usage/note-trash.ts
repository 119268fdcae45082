import type { FileTrees } from '../ports/file-trees.ts'
import type { TrashPosition, TrashStore } from '../ports/trash-store.ts'

const atOnce = 200

/**
 * Notes what people's entries of the trash take, by a count that began at that moment. An entry that was deleted later was still
 * counted where it was, and so was a file that is still on its way there. Files are asked anew each time: one that had other names takes more once those are
 * removed. Nobody uses the figures of what was in `shared/`.
 */
export async function noteTrash(
  { store, bytesInTrash }: { store: Pick<TrashStore, 'list' | 'setBytes'>; bytesInTrash: FileTrees['bytesInTrash'] },
  /** The figures of the counted folders by their ids. */
  folders: ReadonlyMap<string, number>,
  countedFrom: number,
): Promise<void> {
  for (let after: TrashPosition | null = { deletedAt: countedFrom, id: '' }; after; ) {
    const page = await store.list({ tree: null, after, limit: atOnce })
    const ofPeople = page.filter(({ tree }) => tree.kind === 'person')
    const files = await bytesInTrash(ofPeople.map(({ id }) => id).filter((id) => !folders.has(id)))
    const changed = new Map<string, number>()
    for (const { id, bytes } of ofPeople) {
      const counted = folders.get(id) ?? files.get(id)
      if (counted !== undefined && counted !== bytes) changed.set(id, counted)
    }
    await store.setBytes(changed)
    const last = page.at(-1)
    after = last ? { deletedAt: last.deletedAt, id: last.id } : null
  }
}
