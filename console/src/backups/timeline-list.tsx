import { Anchor, Box, Button, Card, Center, Group, List, Stack, Text } from '@mantine/core'
import { IconFolderOpen } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { part } from '../api/call.ts'
import { at } from '../api/place.ts'
import { useResults } from '../jobs/use-words.ts'
import { Folded } from '../parts/folded.tsx'
import { Moment } from '../parts/moment.tsx'
import { ServiceWords } from '../parts/service-words.tsx'
import { writeBytes, writeDate, writeDuration, writeNumber, writeTime, writeTimeOfDay } from '../words/write.ts'
import { byDay, type EntryState, type TimelineEntry } from './timeline.ts'

const colours: Record<EntryState, string> = {
  good: 'green.7',
  'no-figures': 'gray.6',
  incomplete: 'orange.7',
  'in-parts': 'gray.6',
  running: 'blue.6',
  failed: 'red.7',
  cancelled: 'gray.6',
}

const shownAtFirst = 30

/** The history of the backups, day by day. */
export function TimelineList({ entries }: { entries: readonly TimelineEntry[] }) {
  const { t } = useTranslation()
  const [shown, setShown] = useState(shownAtFirst)
  return (
    <Stack gap="md">
      {byDay(entries.slice(0, shown), writeDate).map(({ day, entries: ofDay }) => (
        <Stack key={day} gap={6}>
          <Text size="sm" fw={600} component="h4" m={0}>
            {day}
          </Text>
          <Card withBorder p={0}>
            {ofDay.map((entry) => (
              <Row key={entry.id} entry={entry} />
            ))}
          </Card>
        </Stack>
      ))}
      {entries.length > shown && (
        <Center>
          <Button variant="default" onClick={() => setShown(shown + shownAtFirst)}>
            {t('jobs.older')}
          </Button>
        </Center>
      )}
    </Stack>
  )
}

function Row({ entry }: { entry: TimelineEntry }) {
  const { t } = useTranslation()
  const { kind, state, backupId, failure, leftOut, unread } = entry
  const mayLook = backupId !== null && state !== 'running'
  return (
    <Group
      justify="space-between"
      align="flex-start"
      px="md"
      py="sm"
      className="row"
      gap="sm"
      data-entry={kind}
      data-state={state}
      data-backup={backupId ?? undefined}
    >
      <Group align="flex-start" gap="sm" wrap="nowrap" style={{ flex: '1 1 260px', minWidth: 0 }}>
        <Box
          w={10}
          h={10}
          mt={7}
          bdrs={5}
          bg={colours[state]}
          flex="none"
          className={state === 'running' ? 'moving' : undefined}
        />
        <Stack gap={2} style={{ minWidth: 0 }}>
          <Text fw={500}>
            {writeTimeOfDay(entry.at)} · {t(`backups.kind.${kind}`)} · {t(`backups.state.${state}`)}
          </Text>
          <Facts entry={entry} />
          {failure && (
            <Folded height={66}>
              <Text size="sm" c="error" className="foreign">
                <ServiceWords>{failure.detail}</ServiceWords>{' '}
                <Anchor inherit underline="always" href={at(`problems/${failure.code}`)} target="_blank">
                  {failure.code}
                </Anchor>
              </Text>
            </Folded>
          )}
          {leftOut.length > 0 && (
            <List size="sm" className="foreign">
              {leftOut.slice(0, 10).map(({ folder, reason }) => (
                <List.Item key={folder}>
                  {t('backups.leftOut', { folder })} <ServiceWords>{reason}</ServiceWords>
                </List.Item>
              ))}
            </List>
          )}
          {unread > 0 && <Text size="sm">{t('jobs.result.unread', { count: unread })}</Text>}
        </Stack>
      </Group>
      {mayLook && (
        <Button
          component={Link}
          href={`/console/backups/${part(backupId)}`}
          variant="default"
          size="sm"
          leftSection={<IconFolderOpen size={16} />}
          aria-label={`${t('backups.look')}: ${writeTime(entry.at)}`}
        >
          {t('backups.look')}
        </Button>
      )}
    </Group>
  )
}

function Facts({
  entry: { kind, at: iso, bytes, files, addedBytes, tookMs, folders, by, job },
}: {
  entry: TimelineEntry
}) {
  const { t } = useTranslation()
  const results = useResults()
  const people = folders.filter((folder) => folder.startsWith('users/')).length
  const parts = [
    ...(kind !== 'backup' && job ? results(job) : []),
    ...(kind === 'backup' && folders.length > 0 ? [t('backups.people', { count: people })] : []),
    ...(kind === 'backup' && bytes !== null
      ? [`${writeBytes(bytes)}, ${t('datasets.files', { count: files ?? 0, shown: writeNumber(files ?? 0) })}`]
      : []),
    ...(addedBytes === null ? [] : [t('backups.added', { bytes: writeBytes(addedBytes) })]),
    ...(tookMs === null ? [] : [t('jobs.took', { time: writeDuration(tookMs) })]),
    ...(by === null ? [] : [by]),
  ]
  return (
    <Text size="sm" c="dimmed" className="foreign" component="div">
      <Moment iso={iso} />
      {parts.map((each) => ` · ${each}`).join('')}
    </Text>
  )
}
