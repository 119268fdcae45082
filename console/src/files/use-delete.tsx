import { Button, Group, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Entry } from '../api/bodies.ts'
import { noteGoneEntries, putIntoTrash, refreshFolder, restore, trashKey } from '../api/files.ts'
import { noticesCorner, tell, tellOfProblem } from '../parts/tell.tsx'
import { useIsMounted } from '../parts/use-asked-call.ts'
import { endsOf } from './ends.ts'
import { parentOf, type Root } from './place.ts'

const shownForMs = 20_000
const atOnce = 4

type Remove = (entries: readonly Entry[], onGone?: () => void) => Promise<void>
type Deleted = { id: string; entry: Entry }

/** Puts entries into the trash, and offers to take it back. */
export function useDelete(root: Root): [remove: Remove, isBusy: boolean] {
  const client = useQueryClient()
  const { t } = useTranslation()
  const [isBusy, setBusy] = useState(false)
  const isHere = useIsMounted()

  async function remove(entries: readonly Entry[], onGone?: () => void): Promise<void> {
    setBusy(true)
    const { deleted, failure } = await deleteAll(entries)
    setBusy(false)
    if (failure !== undefined) tellOfProblem(failure)
    if (deleted.length === 0) return
    client.invalidateQueries({ queryKey: trashKey(root) })
    await offerUndo(deleted)
    // Whoever has gone to another page stays there.
    if (isHere.current && deleted.length === entries.length) onGone?.()
  }

  /** A few at a time. What is deleted leaves the list at once; after a failure no others are begun. */
  async function deleteAll(entries: readonly Entry[]): Promise<{ deleted: Deleted[]; failure?: unknown }> {
    const deleted: Deleted[] = []
    for (let at = 0; at < entries.length; at += atOnce) {
      const some = entries.slice(at, at + atOnce)
      const ends = await Promise.allSettled(
        some.map(async (entry) => ({ id: (await putIntoTrash({ root, path: entry.path })).id, entry })),
      )
      const { done, failures } = endsOf(ends)
      deleted.push(...done)
      noteGoneEntries(
        client,
        root,
        done.map(({ entry }) => entry.path),
      )
      if (failures.length > 0) return { deleted, failure: failures[0] }
    }
    return { deleted }
  }

  async function offerUndo(deleted: readonly Deleted[]): Promise<void> {
    const notices = await noticesCorner()
    const [first] = deleted
    const words = (key: 'deleted' | 'undone') =>
      deleted.length === 1
        ? t(`files.${key}`, { name: first?.entry.name ?? '' })
        : t(`files.${key}Many`, { count: deleted.length })
    const shown = notices.show({
      autoClose: shownForMs,
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm" className="foreign" lineClamp={3}>
            {words('deleted')}
          </Text>
          <Button size="xs" variant="default" flex="none" onClick={undo}>
            {t('files.undo')}
          </Button>
        </Group>
      ),
    })

    async function undo(): Promise<void> {
      notices.hide(shown)
      const all = deleted.length
      let back = 0
      const reasons: unknown[] = []
      for (let at = 0; at < all; at += atOnce) {
        const some = deleted.slice(at, at + atOnce)
        const { done, failures } = endsOf(await Promise.allSettled(some.map(({ id }) => restore(id))))
        back += done.length
        reasons.push(...failures)
      }
      if (back === all) tell(words('undone'))
      else {
        tellOfProblem(reasons[0])
        if (all > 1) tell(t('files.undonePart', { count: back, all }))
      }
      const folders = new Set(deleted.map(({ entry }) => parentOf(entry.path)))
      for (const path of folders) refreshFolder(client, { root, path })
      client.invalidateQueries({ queryKey: trashKey(root) })
    }
  }

  return [remove, isBusy]
}
