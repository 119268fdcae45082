import { Box, Button, Group, List, Paper, Progress, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { wordsOf } from '../parts/problem.tsx'
import { writeNumber } from '../words/write.ts'
import { forgetRun, type Refused, stopRun, useRun } from './run.ts'

/** How far an act on many environments is, and what the service refused. */
export function RunPanel() {
  const { t } = useTranslation()
  const run = useRun()
  if (!run) return null
  const { act, total, done, refused, state } = run
  const words = { done: writeNumber(done), total: writeNumber(total), count: total }
  return (
    <Paper withBorder p="md" component="section" aria-label={t('all.runLabel')} data-run={state}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Text fw={600} role="status">
            {t(`all.${act}Run`)}: {t(`all.run.${state}`, words)}
          </Text>
          {state === 'going' ? (
            <Button size="xs" variant="default" onClick={stopRun}>
              {t('all.endRun')}
            </Button>
          ) : (
            <Button size="xs" variant="default" onClick={forgetRun}>
              {t('close')}
            </Button>
          )}
        </Group>
        <Progress value={(done / total) * 100} aria-label={t('all.runLabel')} color="blue" />
        {state === 'going' && (
          <Text size="sm" c="dimmed">
            {t('all.canLeave')}
          </Text>
        )}
        {refused.length > 0 && <Refusals refused={refused} />}
      </Stack>
    </Paper>
  )
}

const listed = 100

function Refusals({ refused }: { refused: readonly Refused[] }) {
  const { t } = useTranslation()
  return (
    <Box
      component="section"
      tabIndex={0}
      aria-label={t('all.refused', { count: refused.length, number: '' })}
      mah={240}
      style={{ overflow: 'auto' }}
    >
      <Text size="sm" fw={600} c="var(--mantine-color-error)">
        {t('all.refused', { count: refused.length, number: writeNumber(refused.length) })}
      </Text>
      <List size="sm">
        {refused.slice(0, listed).map(({ id, name, userId, error }) => (
          <List.Item key={id} className="foreign">
            {name} ({userId}): {wordsOf(error, t('problem.unreachable'))}
          </List.Item>
        ))}
      </List>
    </Box>
  )
}
