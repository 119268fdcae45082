import { Progress, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fewAtOnce } from '../all/few-at-once.ts'
import type { Trashed } from '../api/bodies.ts'
import { isGone, removeForGood, trashKey, useAllTrash } from '../api/files.ts'
import { Ask } from '../parts/ask.tsx'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { tell } from '../parts/tell.tsx'
import { writeNumber } from '../words/write.ts'
import type { Root } from './place.ts'

const atOnce = 3

/** Asks before everything that is in a trash now goes for good. Whoever closes the question stops it: what has gone is gone, the rest stays. */
export function AskRemoveAll({ root, onClose }: { root: Root; onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const leaving = useRef<AbortController | null>(null)
  const [progress, setProgress] = useState<{ done: number; all: number } | null>(null)
  const all = useAllTrash(root)
  useEffect(() => () => leaving.current?.abort(), [])
  const remove = useMutation({
    mutationFn: async (items: readonly Trashed[]) => {
      leaving.current = new AbortController()
      const { signal } = leaving.current
      const failures: unknown[] = []
      let done = 0
      setProgress({ done, all: items.length })
      await fewAtOnce(items, ({ id }) => removeForGood(id), {
        atOnce,
        signal,
        onDone: (_, error) => {
          if (error === null || isGone(error)) done += 1
          else failures.push(error)
          setProgress({ done, all: items.length })
        },
        // What fails once mostly fails for the others too.
        isEnd: (error) => !isGone(error),
      })
      signal.throwIfAborted()
      if (failures.length > 0) throw failures[0]
    },
    onSuccess: (_, { length: count }) => {
      tell(t('trash.removedAll', { count }))
      onClose()
    },
    onSettled: () => {
      client.invalidateQueries({ queryKey: trashKey(root) })
      client.invalidateQueries({ queryKey: ['usage'] })
    },
  })
  return (
    <Ask
      onClose={onClose}
      title={t('trash.removeAllTitle')}
      words={all.data ? t('trash.removeAllWords', { count: all.data.length }) : ''}
      doIt={t('trash.removeAll')}
      isDangerous
      isBusy={remove.isPending}
      error={remove.error}
      isImpossible={!all.data}
      onYes={() => all.data && remove.mutate(all.data)}
    >
      {all.isPending && !all.error && <Loading />}
      {all.error && !all.data && <Problem error={all.error} onRetry={all.refetch} />}
      {progress && (
        <>
          <Progress
            value={progress.all === 0 ? 100 : (100 * progress.done) / progress.all}
            aria-label={t('trash.removeAll')}
            mb="xs"
          />
          <Text size="sm" mb="md" role="status">
            {t('trash.removing', { done: writeNumber(progress.done), all: writeNumber(progress.all) })}
          </Text>
        </>
      )}
    </Ask>
  )
}
