import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Job } from '../api/bodies.ts'
import { Unreachable } from '../api/call.ts'
import { beginCopy, refreshFolder, waitForJob } from '../api/files.ts'
import { noticesCorner, tellOfProblem } from '../parts/tell.tsx'
import { nameOf, type Place, parentOf, type Root } from './place.ts'

const againAfterMs = 3_000
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
    void endOf(job)
      .then(({ status, failure }) => {
        const isDone = status === 'done'
        notices.update({
          id,
          loading: false,
          autoClose: shownForMs,
          color: isDone ? 'green' : 'red',
          title: isDone ? undefined : t('files.copyFailed', { name }),
          message: isDone ? t('files.copied', { name }) : (failure?.detail ?? ''),
        })
        refreshFolder(client, { root, path: parentOf(to) })
      })
      .catch((error: unknown) => {
        notices.hide(id)
        tellOfProblem(error)
      })
  }
}

async function endOf(begun: Job): Promise<Job> {
  let job = begun
  while (job.status === 'queued' || job.status === 'running') {
    job = await waitForJob(job.id).catch(async (error: unknown) => {
      if (!(error instanceof Unreachable)) throw error
      await new Promise((resolve) => setTimeout(resolve, againAfterMs))
      return job
    })
  }
  return job
}
