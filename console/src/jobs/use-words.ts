import { useTranslation } from 'react-i18next'
import type { Job } from '../api/bodies.ts'
import { writeBytes } from '../words/write.ts'
import { aboutOf, resultsOf } from './job-words.ts'

/** What a job is about, in the reader's language where the console knows its kind. */
export function useAbout(): (job: Job) => string {
  const { t } = useTranslation()
  return (job) => {
    const about = aboutOf(job)
    return about ? t(about.key, about.values) : job.title
  }
}

/** What came of a job: a few short sentences. */
export function useResults(): (job: Job) => string[] {
  const { t } = useTranslation()
  return (job) => resultsOf(job, writeBytes).map(({ key, values }) => t(key, values))
}
