import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useCallback, useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Environment } from '../api/bodies.ts'
import { useEnvironments } from '../api/environments.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { Rows } from '../parts/rows.tsx'
import { shownOf } from '../parts/shown.ts'
import { writeNumber } from '../words/write.ts'
import { useColumns } from './columns.tsx'
import { Filters } from './filters.tsx'
import { ManyBar } from './many-bar.tsx'
import { everything, matching } from './matching.ts'
import { type SortKey, sortAfter } from './order.ts'
import { RunPanel } from './run-panel.tsx'
import { useChosen } from './use-chosen.ts'
import { useFilter } from './use-filter.ts'
import { useSorted } from './use-sorted.ts'

const none: readonly Environment[] = []
const idOf = ({ id }: Environment) => id

/** Everybody's environments: found, sorted, and acted on, one or thousands. */
export function AllPage() {
  const { t } = useTranslation()
  const { data = none, error, isWhole, isPending, refetch } = useEnvironments('everybody')
  const { isProblem } = shownOf({ data: isPending ? undefined : data, error })
  const [filter, changeFilter] = useFilter()
  const [sort, setSort] = useState<{ by: SortKey; isDown: boolean }>({ by: 'created', isDown: true })
  const columns = useColumns()
  // Typing and choosing stay quick while a long list follows.
  const asked = useDeferredValue(filter)
  const wanted = useDeferredValue(sort)
  // The whole list is sorted, so that a letter in the search sorts nothing.
  const inOrder = useSorted(data, wanted)
  const shown = useMemo(() => matching(inOrder, asked), [inOrder, asked])
  const { chosen, selection, clear } = useChosen(shown)
  const turn = useCallback((by: string) => setSort((before) => sortAfter(before, by as SortKey)), [])

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
      <Filters filter={filter} onChange={changeFilter} environments={data} />
      <RunPanel />
      {(isProblem || (error && !isWhole)) && <Problem error={error} onRetry={refetch} />}
      {isPending && !error && <Loading />}
      {chosen.length > 0 && <ManyBar chosen={chosen} onClear={clear} />}
      {shown.length > 0 && (
        <Rows
          items={shown}
          idOf={idOf}
          columns={columns}
          label={t('pages.all')}
          sort={sort}
          onSort={turn}
          selection={selection}
        />
      )}
      {isWhole && data.length === 0 && <Text>{t('all.empty')}</Text>}
      {isWhole && data.length > 0 && shown.length === 0 && (
        <Group>
          <Text>{t('all.noMatch')}</Text>
          <Button variant="default" size="xs" onClick={() => changeFilter(everything)}>
            {t('all.showAll')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}
