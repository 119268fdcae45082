import { ActionIcon, Button, Group, Paper, Progress, ScrollArea, Stack, Text, Title, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconAlertTriangle,
  IconChevronDown,
  IconChevronUp,
  IconCircleCheck,
  IconClock,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconX,
} from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Refusal } from '../api/refusal.ts'
import { shownName } from '../parts/shown-name.ts'
import { WordsOf } from '../parts/words-of.tsx'
import { writeBytes } from '../words/write.ts'
import { AskTaken } from './ask-taken.tsx'
import { Unreadable } from './faults.ts'
import { isMoving, mayPause, mayResume, shownFirst, type Totals } from './queue.ts'
import { type UploadItem, uploads } from './store.ts'
import { useQuestion } from './use-question.ts'
import { useUploads, useUploadsManners } from './use-uploads.ts'

const shownAtMost = 40

/** All uploads of this page, whichever page of the console is open. */
export function UploadTray() {
  const { t } = useTranslation()
  const view = useUploads()
  const { queue } = view
  const { totals } = queue
  const [isFolded, fold] = useDisclosure()
  const [isAsking, ask] = useQuestion(totals.asking > 0)
  useUploadsManners(totals.isActive)
  const shown = useMemo(() => shownFirst(view.queue, shownAtMost), [view])
  if (queue.length === 0) return null
  return (
    <>
      <div className="tray-room" aria-hidden />
      <Paper component="section" withBorder shadow="md" className="tray" aria-labelledby="tray-title" data-uploads>
        <Stack gap="xs" p="sm">
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Title order={2} size="h5" id="tray-title">
              {t('uploads.title')}
            </Title>
            <Group gap={4} wrap="nowrap">
              <AllButtons totals={totals} />
              <Press
                label={t(isFolded ? 'uploads.unfold' : 'uploads.fold')}
                icon={isFolded ? IconChevronUp : IconChevronDown}
                onPress={fold.toggle}
              />
              {totals.hasEnded && (
                <Press
                  label={t('uploads.close')}
                  icon={IconX}
                  onPress={() => {
                    uploads.cancel('all')
                    uploads.clear()
                  }}
                />
              )}
            </Group>
          </Group>
          <Summary totals={totals} />
          {totals.asking > 0 && !isAsking && (
            <Group justify="space-between" wrap="nowrap">
              <Text size="sm" role="status">
                {t('uploads.asking', { count: totals.asking })}
              </Text>
              <Button size="xs" variant="default" onClick={ask}>
                {t('uploads.answer')}
              </Button>
            </Group>
          )}
          {!isFolded && (
            <ScrollArea.Autosize mah="min(260px, 34vh)" type="auto">
              <Stack gap={10} component="ul" m={0} p={0} pe="xs" style={{ listStyle: 'none' }}>
                {shown.map((item) => (
                  <One key={item.id} item={item} />
                ))}
                {queue.length > shown.length && (
                  <Text component="li" size="sm" c="dimmed">
                    {t('uploads.more', { count: queue.length - shown.length })}
                  </Text>
                )}
              </Stack>
            </ScrollArea.Autosize>
          )}
        </Stack>
      </Paper>
      {isAsking && <AskTaken queue={queue} />}
    </>
  )
}

function Summary({ totals }: { totals: Totals }) {
  const { t } = useTranslation()
  const { files, filesDone, bytes, bytesSent, isActive, failed } = totals
  const percent = bytes === 0 ? (files === filesDone ? 100 : 0) : (bytesSent / bytes) * 100
  const words = !isActive && failed > 0 ? t('uploads.failed', { count: failed }) : ''
  return (
    <>
      <Progress.Root size="md">
        <Progress.Section
          value={percent}
          aria-label={t('uploads.progress')}
          color={!isActive && failed > 0 ? 'red.8' : filesDone === files ? 'green.8' : 'blue.7'}
        />
      </Progress.Root>
      <Text size="sm" c="dimmed">
        {t('uploads.of', { done: filesDone, count: files, sent: writeBytes(bytesSent), bytes: writeBytes(bytes) })}
      </Text>
      <Text size="sm" role="status" aria-live="polite" fw={500} hidden={isActive || totals.asking > 0}>
        {isActive ? '' : [filesDone > 0 && t('uploads.done', { count: filesDone }), words].filter(Boolean).join(' ')}
      </Text>
    </>
  )
}

function AllButtons({ totals: { isActive, failed, paused, asking } }: { totals: Totals }) {
  const { t } = useTranslation()
  return (
    <>
      {isActive && <Press label={t('uploads.pauseAll')} icon={IconPlayerPause} onPress={() => uploads.pause('all')} />}
      {!isActive && failed + paused > 0 && (
        <Press label={t('uploads.resumeAll')} icon={IconPlayerPlay} onPress={() => uploads.resume('all')} />
      )}
      {(isActive || paused > 0 || asking > 0) && (
        <Button size="compact-sm" variant="subtle" onClick={() => uploads.cancel('all')}>
          {t('uploads.cancelAll')}
        </Button>
      )}
    </>
  )
}

const signs = { done: IconCircleCheck, failed: IconAlertTriangle, trying: IconAlertTriangle } as const
const colours = {
  done: 'light-dark(var(--mantine-color-green-8), var(--mantine-color-green-4))',
  failed: 'var(--mantine-color-error)',
  trying: 'var(--of-warning)',
} as const

function One({ item }: { item: UploadItem }) {
  const { t } = useTranslation()
  const { id, name, state, sizeBytes, sentBytes, error } = item
  const shown = shownName(name)
  const isRefused = state === 'trying' && error instanceof Refusal
  const Sign = state in signs ? signs[state as keyof typeof signs] : IconClock
  const colour = colours[state as keyof typeof colours] ?? 'var(--mantine-color-dimmed)'
  const size =
    isMoving(item) || state === 'paused' ? `${writeBytes(sentBytes)} / ${writeBytes(sizeBytes)}` : writeBytes(sizeBytes)
  return (
    <li data-upload={name} data-state={state}>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Sign size={18} stroke={1.6} color={colour} aria-hidden style={{ flex: 'none', marginTop: 2 }} />
        <div className="one-line grows">
          <Text size="sm" className="foreign" title={shown}>
            {shown}
          </Text>
          <Text size="xs" c="dimmed">
            {size} · {t(isRefused ? 'uploads.refused' : `uploads.state.${state}`)}
          </Text>
        </div>
        {mayPause(item) && (
          <Press label={`${t('uploads.pause')}: ${shown}`} icon={IconPlayerPause} onPress={() => uploads.pause(id)} />
        )}
        {mayResume(item) && (
          <Press
            label={`${t(state === 'failed' ? 'uploads.again' : 'uploads.resume')}: ${shown}`}
            icon={state === 'failed' ? IconRefresh : IconPlayerPlay}
            onPress={() => uploads.resume(id)}
          />
        )}
        {state !== 'done' && (
          <Press label={`${t('uploads.cancel')}: ${shown}`} icon={IconX} onPress={() => uploads.cancel(id)} />
        )}
      </Group>
      {(isMoving(item) || state === 'paused') && (
        <Progress.Root size="xs" mt={4}>
          <Progress.Section
            value={sizeBytes === 0 ? 0 : (sentBytes / sizeBytes) * 100}
            aria-label={t('uploads.progressOf', { name })}
            color="blue.7"
          />
        </Progress.Root>
      )}
      {(state === 'failed' || isRefused) && (
        <Text
          size="xs"
          ps={28}
          className="foreign"
          mah={120}
          style={{ overflow: 'auto' }}
          c={isRefused ? 'dimmed' : 'var(--mantine-color-error)'}
        >
          {error instanceof Unreadable ? t('uploads.unreadable') : <WordsOf error={error} />}
        </Text>
      )}
    </li>
  )
}

function Press({ label, icon: Icon, onPress }: { label: string; icon: typeof IconX; onPress: () => void }) {
  return (
    <Tooltip label={label} multiline maw={260}>
      <ActionIcon variant="subtle" color="gray" c="dimmed" aria-label={label} onClick={onPress}>
        <Icon size={16} />
      </ActionIcon>
    </Tooltip>
  )
}
