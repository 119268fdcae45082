import { Button, Group, Paper, Text } from '@mantine/core'
import { IconPlayerPlay, IconPlayerStop, IconRefresh, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Environment } from '../api/bodies.ts'
import { Ask } from '../parts/ask.tsx'
import { writeList, writeNumber } from '../words/write.ts'
import { type ManyAct, manyActs, planOf } from './plan.ts'
import { beginRun, useRun } from './run.ts'

const icons: Record<ManyAct, typeof IconTrash> = {
  start: IconPlayerPlay,
  stop: IconPlayerStop,
  restart: IconRefresh,
  delete: IconTrash,
}

/** The acts on the chosen environments, with one question for all of them. */
export function ManyBar({ chosen, onClear }: { chosen: readonly Environment[]; onClear: () => void }) {
  const { t } = useTranslation()
  const [asked, setAsked] = useState<ManyAct | null>(null)
  const isGoing = useRun()?.state === 'going'
  return (
    <Paper withBorder px="md" py="xs" component="section" aria-label={t('all.chosenLabel')}>
      <Group gap="sm">
        <Text fw={600} role="status">
          {t('all.chosen', { count: chosen.length, number: writeNumber(chosen.length) })}
        </Text>
        {manyActs.map((act) => {
          const Icon = icons[act]
          const plan = planOf(act, chosen)
          return (
            <Button
              key={act}
              size="xs"
              variant="default"
              c={act === 'delete' ? 'var(--mantine-color-error)' : undefined}
              leftSection={<Icon size={16} />}
              disabled={isGoing || plan.environments.length === 0}
              onClick={() => setAsked(act)}
            >
              {t(`act.${act}`)}
            </Button>
          )
        })}
        <Button size="xs" variant="subtle" color="gray" c="dimmed" onClick={onClear}>
          {t('all.chooseNone')}
        </Button>
      </Group>
      {asked && <AskMany act={asked} chosen={chosen} onClose={() => setAsked(null)} onBegun={onClear} />}
    </Paper>
  )
}

const named = 5

type AskManyProps = { act: ManyAct; chosen: readonly Environment[]; onClose: () => void; onBegun: () => void }

function AskMany({ act, chosen, onClose, onBegun }: AskManyProps) {
  const { t } = useTranslation()
  const { environments, leftOut, people } = planOf(act, chosen)
  const more = people.length - named
  const whose = [
    ...people.slice(0, named),
    ...(more > 0 ? [t('all.morePeople', { count: more, number: writeNumber(more) })] : []),
  ]
  return (
    <Ask
      onClose={onClose}
      title={t(`all.${act}Title`, { count: environments.length, number: writeNumber(environments.length) })}
      words=""
      doIt={t(`act.${act}`)}
      isDangerous={act === 'delete'}
      isBusy={false}
      error={null}
      onYes={() => {
        onClose()
        onBegun()
        beginRun(act, environments)
      }}
    >
      <Text mb="sm" className="foreign">
        {t('all.whose', { people: writeList(whose) })}
      </Text>
      <Text mb="sm">{t(`all.${act}Words`)}</Text>
      {leftOut > 0 && <Text c="dimmed">{t('all.leftOut', { count: leftOut, number: writeNumber(leftOut) })}</Text>}
    </Ask>
  )
}
