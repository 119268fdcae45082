import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { beginCopy, lookAtJob, refreshFolder } from '../api/files.ts'
import { ServiceWords } from '../parts/service-words.tsx'
import { noticesCorner, tellOfProblem } from '../parts/tell.tsx'
import { endOfCopy } from './end-of-copy.ts'
import { nameOf, type Place, parentOf, type Root } from './place.ts'

const shownForMs = 6_000

/** Begins a copy, and tells of its end: it is a job of the service, and goes on if the page is left. */
export function useCopy(root: Root): (from: Place, to: string) => Promise<void> {
  const client = useQueryClient()
  const { t } = useTranslation()
  return async (from, to) => {
    const job = await beginCopy(from, to)
    const name = nameOf(from.path)
    const notices = await noticesCorner()
    const id = notices.show({
      loading: true,
      autoClose: false,
      message: t('files.copying', { name }),
    })
    void endOfCopy(job, { look: lookAtJob, wait })
      .then(({ status, failure }) => {
        const isDone = status === 'done'
        notices.update({
          id,
          loading: false,
          autoClose: shownForMs,
          color: isDone ? 'green' : 'red',
          title: isDone ? undefined : t('files.copyFailed', { name }),
          message: isDone ? t('files.copied', { name }) : <ServiceWords>{failure?.detail}</ServiceWords>,
        })
        refreshFolder(client, { root, path: parentOf(to) })
      })
      .catch((error: unknown) => {
        notices.hide(id)
        tellOfProblem(error)
      })
  }
}

/** A hidden page asks nothing. */
async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }))
  }
}
