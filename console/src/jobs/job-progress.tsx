import { Button, Group, Progress, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Job } from '../api/bodies.ts'
import { useCancel } from '../api/jobs.ts'
import { ServiceWords } from '../parts/service-words.tsx'
import { tellOfProblem } from '../parts/tell.tsx'
import { writeBytes, writeNumber } from '../words/write.ts'
import { isUnderWay } from './job-words.ts'
import { useAbout } from './use-words.ts'

/** How far a job is, with the button that cancels it; nothing once it has ended. `JobNews` tells readers of the screen: figures that move would interrupt them each second. */
export function JobProgress({ job, label }: { job: Job; label?: string }) {
  const { t } = useTranslation()
  const about = useAbout()(job)
  const cancel = useCancel()
  if (!isUnderWay(job)) return null
  const { progress } = job
  const percent = progress?.percent ?? null
  return (
    <Stack gap={6} data-job={job.id}>
      <Group justify="space-between" wrap="nowrap" gap="sm" align="flex-start">
        <Text size="sm" fw={500} className="foreign" lineClamp={2}>
          {label ?? about}
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          flex="none"
          aria-label={`${t('jobs.cancel')}: ${about}`}
          loading={cancel.isPending}
          onClick={() => cancel.mutate(job.id, { onError: tellOfProblem })}
        >
          {t('jobs.cancel')}
        </Button>
      </Group>
      <Progress value={percent ?? 100} striped={percent === null} animated aria-label={about} />
      <Text size="sm" c="dimmed" className="foreign" lineClamp={2}>
        {job.status === 'queued' ? t('jobs.status.queued') : howFar()}
      </Text>
    </Stack>
  )

  function howFar(): ReactNode {
    if (!progress) return t('jobs.begins')
    const { done_bytes: bytes, total_bytes: ofBytes, done_files: files, total_files: ofFiles } = progress
    const parts = [
      ...(percent === null ? [] : [`${writeNumber(percent)} %`]),
      ...(ofBytes ? [t('jobs.ofBytes', { done: writeBytes(bytes), total: writeBytes(ofBytes) })] : []),
      ...(ofFiles
        ? [t('jobs.ofFiles', { done: writeNumber(files), total: writeNumber(ofFiles), count: ofFiles })]
        : []),
    ]
    return (
      <>
        {parts.map((part) => `${part} · `).join('')}
        <ServiceWords>{progress.doing}</ServiceWords>
      </>
    )
  }
}
