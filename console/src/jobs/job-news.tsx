import { VisuallyHidden } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Job } from '../api/bodies.ts'
import { type Known, knownOf, newsOf } from './news.ts'
import { useAbout } from './use-words.ts'

/** Tells readers of the screen which jobs begin and end, and nothing in between. `jobs`: undefined until they are known. */
export function JobNews({ jobs }: { jobs: readonly Job[] | undefined }) {
  const { t } = useTranslation()
  const about = useAbout()
  const known = useRef<Known>(null)
  const [news, setNews] = useState<readonly Job[]>([])
  useEffect(() => {
    if (!jobs) return
    const found = newsOf(known.current, jobs)
    known.current = knownOf(jobs)
    if (found.length > 0) setNews(found)
  }, [jobs])
  return (
    <VisuallyHidden role="status">
      {news.map((job) => `${about(job)}: ${t(`jobs.status.${job.status}`)}.`).join(' ')}
    </VisuallyHidden>
  )
}
