import { Box, Group, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Job } from '../api/bodies.ts'
import { signOf } from './job-words.ts'

/** The state of a job as a coloured dot and a word. */
export function JobSign({ job }: { job: Pick<Job, 'status'> }) {
  const { t } = useTranslation()
  const { colour, word, moves } = signOf(job)
  return (
    <Group gap={8} wrap="nowrap" data-job-status={job.status}>
      <Box w={10} h={10} bdrs={5} bg={colour} flex="none" className={moves ? 'moving' : undefined} />
      <Text size="sm" fw={500}>
        {t(word)}
      </Text>
    </Group>
  )
}
