import { Alert, Anchor, Card, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Job } from '../api/bodies.ts'
import { useMe } from '../api/me.ts'
import { JobProgress } from '../jobs/job-progress.tsx'
import { isUnderWay, placeMade } from '../jobs/job-words.ts'
import { useAbout, useResults } from '../jobs/use-words.ts'
import { browserOf } from '../parts/file-links.ts'
import { useNow } from '../parts/now.ts'
import { ServiceWords } from '../parts/service-words.tsx'
import { shownRestores } from './restore-state.ts'

/** The restores under way, and how the last one ended. */
export function Restores({ jobs }: { jobs: readonly Job[] }) {
  const now = useNow()
  const shown = shownRestores(jobs, now)
  if (shown.length === 0) return null
  return (
    <Stack gap="sm">
      {shown.map((job) =>
        isUnderWay(job) ? (
          <Card withBorder key={job.id}>
            <JobProgress job={job} />
          </Card>
        ) : (
          <End key={job.id} job={job} />
        ),
      )}
    </Stack>
  )
}

const colours = { done: 'green', failed: 'red', cancelled: 'gray', queued: 'blue', running: 'blue' } as const

function End({ job }: { job: Job }) {
  const { t } = useTranslation()
  const { user_id } = useMe()
  const about = useAbout()(job)
  const results = useResults()(job)
  const place = placeMade(job)
  const href = place && browserOf(place, user_id)
  return (
    <Alert
      variant="outline"
      color={colours[job.status]}
      role="status"
      data-restore={job.status}
      title={<span className="foreign">{about}</span>}
    >
      <Text size="sm" className="foreign">
        {t(`jobs.status.${job.status}`)}. {results.join(' ')} <ServiceWords>{job.failure?.detail}</ServiceWords>{' '}
        {href && (
          <Anchor component={Link} inherit underline="always" href={href}>
            {t('backups.openRestored')}
          </Anchor>
        )}
      </Text>
    </Alert>
  )
}
