import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Job } from '../api/bodies.ts'
import { Unreachable } from '../api/call.ts'
import { beginCopy, lookAtJob, refreshFolder } from '../api/files.ts'
import { isUnderWay } from '../jobs/job-words.ts'
import { noticesCorner, tellOfProblem } from '../parts/tell.tsx'
import { nameOf, type Place, parentOf, type Root } from './place.ts'

const askedEveryMs = 2_500
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

/** Asks now and then: requests that wait would use up the few connections that a browser opens to the service. */
async function endOf(begun: Job): Promise<Job> {
  let job = begun
  while (isUnderWay(job)) {
    await new Promise((resolve) => setTimeout(resolve, askedEveryMs))
    await untilShown()
    job = await lookAtJob(job.id).catch((error: unknown) => {
      if (!(error instanceof Unreachable)) throw error
      return job
    })
  }
  return job
}

/** A hidden page asks nothing. */
async function untilShown(): Promise<void> {
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }))
  }
}
