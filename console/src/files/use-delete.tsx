import { Button, Group, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Entry } from '../api/bodies.ts'
import { noteGoneEntries, putIntoTrash, refreshFolder, restore, trashKey } from '../api/files.ts'
import { noticesCorner, tell, tellOfProblem } from '../parts/tell.tsx'
import { parentOf, type Root } from './place.ts'

const shownForMs = 20_000
const atOnce = 4

/** Puts entries into the trash, and offers to take it back. */
export function useDelete(root: Root): (entries: readonly Entry[], onGone?: () => void) => Promise<void> {
  const client = useQueryClient()
  const { t } = useTranslation()

  return async (entries, onGone) => {
    const deleted: { id: string; entry: Entry }[] = []
    try {
      for (let at = 0; at < entries.length; at += atOnce) {
        const some = entries.slice(at, at + atOnce)
        const ends = await Promise.allSettled(some.map((entry) => putIntoTrash({ root, path: entry.path })))
        for (const [place, end] of ends.entries()) {
          const entry = some[place]
          if (entry && end.status === 'fulfilled') deleted.push({ id: end.value.id, entry })
        }
        const failed = ends.find((end) => end.status === 'rejected')
        if (failed) throw failed.reason
      }
    } catch (error) {
      tellOfProblem(error)
    }
    if (deleted.length === 0) return
    noteGoneEntries(
      client,
      root,
      deleted.map(({ entry }) => entry.path),
    )
    client.invalidateQueries({ queryKey: trashKey(root) })
    await offerUndo(deleted)
    if (deleted.length === entries.length) onGone?.()
  }

  async function offerUndo(deleted: { id: string; entry: Entry }[]): Promise<void> {
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
      try {
        for (const { id } of deleted) await restore(id)
        tell(words('undone'))
      } catch (error) {
        tellOfProblem(error)
      } finally {
        const folders = new Set(deleted.map(({ entry }) => parentOf(entry.path)))
        for (const path of folders) refreshFolder(client, { root, path })
        client.invalidateQueries({ queryKey: trashKey(root) })
      }
    }
  }
}
