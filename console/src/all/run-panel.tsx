import { Box, Button, Group, List, Paper, Progress, Stack, Text, VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { WordsOf } from '../parts/words-of.tsx'
import { writeNumber } from '../words/write.ts'
import { forgetRun, type Refused, type Run, stopRun, useRun } from './run.ts'
import { saidOf } from './said.ts'

/** Shows the progress of an act on many environments, and the service's refusals. */
export function RunPanel() {
  const run = useRun()
  return (
    <>
      {/* Always there: only what changes in it is read out. */}
      <VisuallyHidden role="status">{run && <Announced run={run} />}</VisuallyHidden>
      {run && <Panel run={run} />}
    </>
  )
}

function Announced({ run }: { run: Run }) {
  const { t } = useTranslation()
  const said = saidOf(run)
  if (said.kind === 'refusal')
    return (
      <>
        {t('all.said.refusal', { name: said.name })} <WordsOf error={said.error} />
      </>
    )
  const { act, total, done, refused } = run
  const words = t(`all.said.${said.kind}`, {
    act: t(`all.${act}Run`),
    done: writeNumber(done),
    total: writeNumber(total),
    count: total,
  })
  return refused.length === 0
    ? words
    : `${words} ${t('all.refused', { count: refused.length, number: writeNumber(refused.length) })}.`
}

function Panel({ run }: { run: Run }) {
  const { t } = useTranslation()
  const { act, total, done, refused, state } = run
  const words = { done: writeNumber(done), total: writeNumber(total), count: total }
  return (
    <Paper withBorder p="md" component="section" aria-label={t('all.runLabel')} data-run={state}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Text fw={600}>
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
            {name} ({userId}): <WordsOf error={error} />
          </List.Item>
        ))}
      </List>
    </Box>
  )
}
