import {
  Alert,
  Anchor,
  Button,
  Card,
  Center,
  Group,
  Select,
  SimpleGrid,
  Stack,
  Table,
  Text,
  Title,
} from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { LabUsage, PlaceUsage } from '../api/bodies.ts'
import { type PlaceKind, useCountNow, useLabUsage } from '../api/usage.ts'
import { useAddressQuery } from '../parts/address-query.ts'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { ServiceWords } from '../parts/service-words.tsx'
import { shownOf } from '../parts/shown.ts'
import { shownName } from '../parts/shown-name.ts'
import { tellOfProblem } from '../parts/tell.tsx'
import { WideTable } from '../parts/wide-table.tsx'
import { writeBytes, writeDuration, writeNumber } from '../words/write.ts'
import { LimitBar } from './limit-bar.tsx'
import { isRest, type LabGroup, labAsTree, labGroups } from './parts-of.ts'
import { PlacePanel } from './place-panel.tsx'
import { Treemap } from './treemap-view.tsx'

const hues = { people: 'blue', shared: 'teal', admin: 'grape' } as const satisfies Record<LabGroup, string>
const tilesAtMost = 80

/** Everybody's folders, `shared/` and `admin/`. */
export function LabUsageView() {
  const { t } = useTranslation()
  const [kind, setKind] = useState<PlaceKind | null>(null)
  const [search] = useAddressQuery()
  const whole = useLabUsage(null)
  const asked = useLabUsage(kind)
  const first = whole.data?.pages[0]
  const { isData, isProblem } = shownOf(whole)
  const problem = isProblem && <Problem error={whole.error} onRetry={whole.refetch} />
  if (!first || !isData) return problem || <Loading />
  const places = asked.data?.pages.flatMap(({ items }) => items) ?? []
  const all = whole.data?.pages.flatMap(({ items }) => items) ?? []
  const chosen = search.get('place')
  const place = chosen === null ? undefined : [...all, ...places].find(({ path }) => path === chosen)
  return (
    <Stack gap="lg">
      {problem}
      <Counting usage={first} />
      <Totals usage={first} />
      {first.items.length === 0 ? (
        <Text>{t('usage.labEmpty')}</Text>
      ) : (
        <>
          <Picture usage={first} />
          {place && <PlacePanel place={place} />}
          <Stack component="section" gap="sm">
            <Group justify="space-between" align="flex-end">
              <Title order={3}>{t('usage.folders')}</Title>
              <Select
                aria-label={t('usage.kindLabel')}
                w={180}
                value={kind ?? 'all'}
                onChange={(value) => setKind(value === 'all' ? null : (value as PlaceKind))}
                allowDeselect={false}
                data={[
                  { value: 'all', label: t('usage.kind.all') },
                  { value: 'person', label: t('usage.kind.person') },
                  { value: 'shared', label: t('usage.kind.shared') },
                  { value: 'admin', label: t('usage.kind.admin') },
                ]}
              />
            </Group>
            <Places places={places} />
            {asked.hasNextPage && (
              <Center>
                <Button variant="default" loading={asked.isFetchingNextPage} onClick={() => asked.fetchNextPage()}>
                  {t('jobs.more')}
                </Button>
              </Center>
            )}
          </Stack>
        </>
      )}
    </Stack>
  )
}

function Counting({ usage: { counting, last_count: last, limits } }: { usage: LabUsage }) {
  const { t } = useTranslation()
  const countNow = useCountNow()
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" component="div">
          {last ? (
            <>
              {t('usage.lastCount')} <Moment iso={last.began} /> ·{' '}
              {t('jobs.took', { time: writeDuration(last.took_ms) })}
            </>
          ) : (
            t('usage.neverCounted')
          )}
        </Text>
        <Button
          variant="default"
          size="sm"
          leftSection={<IconRefresh size={16} />}
          loading={counting || countNow.isPending}
          onClick={() => countNow.mutate(undefined, { onError: tellOfProblem })}
        >
          {t('usage.countNow')}
        </Button>
      </Group>
      {last && last.not_counted.length > 0 && (
        <Alert color="yellow" variant="outline" title={t('usage.notCountedTitle')}>
          {last.not_counted.slice(0, 10).map(({ path, reason }) => (
            <Text key={path} size="sm" className="foreign">
              {path && `${shownName(path)}: `}
              <ServiceWords>{reason}</ServiceWords>
            </Text>
          ))}
        </Alert>
      )}
      <Text size="sm" c="dimmed" className="foreign" lineClamp={4}>
        {limits.held_by === 'quota' ? t('usage.byQuota') : t('usage.byCount')}
        {limits.reason && (
          <>
            {' '}
            <ServiceWords>{limits.reason}</ServiceWords>.
          </>
        )}
        {limits.not_held.length > 0 && ` ${t('usage.notHeld', { count: limits.not_held.length })}`}
      </Text>
    </Stack>
  )
}

function Totals({ usage: { totals } }: { usage: LabUsage }) {
  const { t } = useTranslation()
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      {labGroups.map((group) => (
        <Card key={group} withBorder padding="md">
          <Group gap={8}>
            <span className="tile tile-swatch" data-hue={hues[group]} aria-hidden />
            <Text size="sm" c="dimmed">
              {t(`usage.group.${group}`)}
            </Text>
          </Group>
          <Text size="xl" fw={600}>
            {writeBytes(totals[group].bytes)}
          </Text>
          <Text size="sm" c="dimmed">
            {t('datasets.files', { count: totals[group].files, shown: writeNumber(totals[group].files) })}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  )
}

function Picture({ usage: { totals, items } }: { usage: LabUsage }) {
  const { t } = useTranslation()
  const nodes = labAsTree(totals, items.slice(0, tilesAtMost))
  const groupOfTile = new Map<string, LabGroup>()
  const values = new Map<string, number>()
  for (const { id, value, children } of nodes) {
    values.set(id, value)
    for (const child of children ?? []) {
      groupOfTile.set(child.id, id as LabGroup)
      values.set(child.id, child.value)
    }
  }
  return (
    <Treemap
      nodes={nodes}
      label={t('usage.labPicture')}
      height={360}
      show={(id, depth) => {
        const size = writeBytes(values.get(id) ?? 0)
        if (depth === 0) return { label: t(`usage.group.${id as LabGroup}`), size, hue: hues[id as LabGroup] }
        if (isRest(id)) return { label: t('usage.rest'), size, hue: 'rest' }
        const label = id.slice(id.indexOf('/') + 1)
        return { label, size, hue: hues[groupOfTile.get(id) ?? 'people'], href: hrefOf(id) }
      }}
    />
  )
}

const hrefOf = (path: string) => `/console/usage?place=${encodeURIComponent(path)}`

function Places({ places }: { places: readonly PlaceUsage[] }) {
  const { t } = useTranslation()
  return (
    <WideTable minWidth={640} label={t('usage.folders')}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('usage.folder')}</Table.Th>
            <Table.Th ta="right">{t('usage.onDisk')}</Table.Th>
            <Table.Th ta="right">{t('usage.trash')}</Table.Th>
            <Table.Th w={220}>{t('usage.limit')}</Table.Th>
            <Table.Th ta="right">{t('usage.files')}</Table.Th>
            <Table.Th>{t('usage.countedAt')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {places.map((place) => (
            <Table.Tr key={place.path}>
              <Table.Td className="foreign">
                <Anchor component={Link} inherit href={hrefOf(place.path)}>
                  {place.path}
                </Anchor>
              </Table.Td>
              <Table.Td ta="right">{writeBytes(place.bytes)}</Table.Td>
              <Table.Td ta="right">{place.trash_bytes > 0 ? writeBytes(place.trash_bytes) : '–'}</Table.Td>
              <Table.Td>
                {place.limit_bytes === null ? (
                  <Text size="sm" c="dimmed">
                    {place.kind === 'person' ? t('usage.unlimited') : '–'}
                  </Text>
                ) : (
                  <Stack gap={4}>
                    <LimitBar usage={place} size="sm" />
                    <Text size="xs">
                      {writeBytes(place.limit_bytes)}
                      {(place.standing === 'near' || place.standing === 'over') &&
                        ` · ${t(`usage.short.${place.standing}`)}`}
                    </Text>
                  </Stack>
                )}
              </Table.Td>
              <Table.Td ta="right">{writeNumber(place.files)}</Table.Td>
              <Table.Td>
                <Moment iso={place.counted} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </WideTable>
  )
}
