import { ActionIcon, Button, Group, Menu, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { IconDots, IconDownload } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { Entry } from '../api/bodies.ts'
import { useIsChangeable } from '../api/files.ts'
import { useMe } from '../api/me.ts'
import { Moment } from '../parts/moment.tsx'
import { shownName } from '../parts/shown-name.ts'
import { Preview } from '../previews/preview.tsx'
import { writeBytes } from '../words/write.ts'
import { downloadOf, EntryActs } from './acts.tsx'
import { AskEntries, type Asked } from './ask-entries.tsx'
import { EntryIcon } from './entry-icon.tsx'
import { FilesHead } from './head.tsx'
import { offeredTo } from './list-state.ts'
import { addressOf, type Place, parentOf } from './place.ts'

/** One entry: what it is, what can be done with it, and its preview. */
export function FilePage({ place, entry }: { place: Place; entry: Entry }) {
  const { t } = useTranslation()
  const [, go] = useLocation()
  const [asked, setAsked] = useState<Asked | null>(null)
  const { root, path } = place
  const { name, kind, size_bytes, modified, mode, target } = entry
  const { isAdmin } = useMe()
  const isChangeable = useIsChangeable({ root, path: parentOf(path) }, isAdmin) ?? false
  const toPath = (to: string) => go(addressOf({ root, path: to }), { replace: true })
  return (
    <Stack>
      <FilesHead place={place} />
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Group gap="sm" wrap="nowrap" miw={0}>
          <EntryIcon entry={entry} size={28} />
          <Title order={3} className="foreign" lineClamp={3}>
            {shownName(name)}
          </Title>
        </Group>
        <Group gap="xs" wrap="nowrap">
          {kind === 'file' && (
            <Button
              component="a"
              href={downloadOf(place)}
              download
              leftSection={<IconDownload size={16} />}
              visibleFrom="xs"
            >
              {t('files.download')}
            </Button>
          )}
          {offeredTo(isChangeable, entry).length > 0 && (
            <EntryActs
              root={root}
              entry={entry}
              isChangeable={isChangeable}
              onAsk={setAsked}
              onGone={() => toPath(parentOf(path))}
            >
              <Menu.Target>
                <ActionIcon variant="default" size={36} aria-label={t('files.actsOf', { name })}>
                  <IconDots size={16} />
                </ActionIcon>
              </Menu.Target>
            </EntryActs>
          )}
        </Group>
      </Group>
      <SimpleGrid component="dl" cols={{ base: 2, sm: 4 }} m={0} maw={720}>
        <Fact term={t('files.size')}>{kind === 'file' ? writeBytes(size_bytes ?? 0) : t(`files.kind.${kind}`)}</Fact>
        <Fact term={t('files.modified')}>
          <Moment iso={modified} />
        </Fact>
        <Fact term={t('files.mode')}>{mode}</Fact>
      </SimpleGrid>
      {kind === 'file' ? (
        <Preview place={place} entry={entry} />
      ) : (
        <Text className="foreign">
          {t(`files.kind.${kind}`)}
          {target !== null && ` ${t('files.linkTo', { target })}`}. {t('files.notOpened')}
        </Text>
      )}
      <AskEntries
        place={place}
        asked={asked}
        onClose={() => setAsked(null)}
        onDone={(to) => to !== undefined && toPath(to)}
      />
    </Stack>
  )
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {term}
      </Text>
      <Text component="dd" m={0} size="sm">
        {children}
      </Text>
    </div>
  )
}
