import { Button, CloseButton, Group, MultiSelect, Select, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Environment } from '../api/bodies.ts'
import { useEnvironments } from '../api/environments.ts'
import { useTemplateNames } from '../api/people.ts'
import { useAddressQuery } from '../parts/address-query.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { Rows } from '../parts/rows.tsx'
import { writeNumber } from '../words/write.ts'
import { useColumns } from './columns.tsx'
import { ManyBar } from './many-bar.tsx'
import { type Filter, matching, type SortKey, sortAfter, sorted } from './matching.ts'
import { RunPanel } from './run-panel.tsx'
import { useChosen } from './use-chosen.ts'

const none: readonly Environment[] = []
const idOf = ({ id }: Environment) => id

/** Everybody's environments: found, sorted, and acted on, one or thousands. */
export function AllPage() {
  const { t } = useTranslation()
  const { data = none, error, isWhole, isPending, refetch } = useEnvironments('everybody')
  const [filter, setFilter] = useFilter()
  const [sort, setSort] = useState<{ by: SortKey; isDown: boolean }>({ by: 'created', isDown: true })
  const columns = useColumns()
  // Typing and choosing stay quick while a long list follows.
  const asked = useDeferredValue(filter)
  const wanted = useDeferredValue(sort)
  const shown = useMemo(() => sorted(matching(data, asked), wanted), [data, asked, wanted])
  const { chosen, selection, clear } = useChosen(shown)

  return (
    <Stack>
      <Group justify="space-between" align="baseline">
        <Title order={2}>{t('pages.all')}</Title>
        <Text size="sm" c="dimmed" role="status" data-whole={isWhole}>
          {isWhole
            ? t('all.count', { shown: writeNumber(shown.length), count: data.length, all: writeNumber(data.length) })
            : t('all.loading', { count: data.length, all: writeNumber(data.length) })}
        </Text>
      </Group>
      <Filters filter={filter} onChange={setFilter} environments={data} />
      <RunPanel />
      {error && !isWhole && <Problem error={error} onRetry={refetch} />}
      {isPending && !error && <Loading />}
      {chosen.length > 0 && <ManyBar chosen={chosen} onClear={clear} />}
      {shown.length > 0 && (
        <Rows
          items={shown}
          idOf={idOf}
          columns={columns}
          label={t('pages.all')}
          sort={sort}
          onSort={(by) => setSort((before) => sortAfter(before, by as SortKey))}
          selection={selection}
        />
      )}
      {isWhole && data.length === 0 && <Text>{t('all.empty')}</Text>}
      {isWhole && data.length > 0 && shown.length === 0 && (
        <Group>
          <Text>{t('all.noMatch')}</Text>
          <Button variant="default" size="xs" onClick={() => setFilter(everything)}>
            {t('all.showAll')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

const everything: Filter = { text: '', person: '', statuses: [], template: '' }

/** The filter is in the address: it can be kept, sent, and linked to. */
function useFilter(): [Filter, (next: Filter) => void] {
  const [params, setParams] = useAddressQuery()
  const text = params.get('text') ?? ''
  const person = params.get('person') ?? ''
  const status = params.get('status') ?? ''
  const template = params.get('template') ?? ''
  const filter = useMemo(
    () => ({ text, person, statuses: status ? status.split(',') : [], template }),
    [text, person, status, template],
  )
  const set = ({ text, person, statuses, template }: Filter) => {
    const given = { text, person, status: statuses.join(','), template }
    setParams(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')), { replace: true })
  }
  return [filter, set]
}

type FiltersProps = { filter: Filter; onChange: (filter: Filter) => void; environments: readonly Environment[] }

const statuses = [
  'failed',
  'unknown',
  'pending',
  'pulling',
  'creating',
  'starting',
  'running',
  'paused',
  'stopping',
  'exited',
] as const

function Filters({ filter, onChange, environments }: FiltersProps) {
  const { t } = useTranslation()
  const listed = useDeferredValue(environments)
  const people = useMemo(() => [...new Set(listed.map(({ user_id }) => user_id))].sort(), [listed])
  const templates = useTemplateNames()
  const used = useMemo(
    () => [...new Set([...templates, ...listed.map(({ template }) => template)])],
    [templates, listed],
  )
  return (
    <Group gap="sm" align="flex-end">
      <TextInput
        label={t('all.text')}
        leftSection={<IconSearch size={16} />}
        value={filter.text}
        onChange={({ currentTarget }) => onChange({ ...filter, text: currentTarget.value })}
        rightSection={
          filter.text && (
            <CloseButton size="sm" aria-label={t('all.clearText')} onClick={() => onChange({ ...filter, text: '' })} />
          )
        }
        w={{ base: '100%', xs: 260 }}
      />
      <Select
        label={t('all.person')}
        placeholder={t('all.anybody')}
        data={people}
        value={filter.person || null}
        onChange={(person) => onChange({ ...filter, person: person ?? '' })}
        searchable
        clearable
        limit={50}
        nothingFoundMessage={t('nothingFound')}
        w={{ base: '100%', xs: 220 }}
      />
      <MultiSelect
        label={t('all.status')}
        placeholder={filter.statuses.length === 0 ? t('all.any') : ''}
        data={statuses.map((value) => ({ value, label: t(`status.${value}`) }))}
        value={[...filter.statuses]}
        onChange={(statuses) => onChange({ ...filter, statuses })}
        clearable
        w={{ base: '100%', xs: 'auto' }}
        miw={200}
      />
      <Select
        label={t('all.template')}
        placeholder={t('all.any')}
        data={used}
        value={filter.template || null}
        onChange={(template) => onChange({ ...filter, template: template ?? '' })}
        clearable
        w={{ base: '100%', xs: 200 }}
      />
    </Group>
  )
}
