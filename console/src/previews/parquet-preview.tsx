import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Refusal, Unreachable } from '../api/call.ts'
import { rootKey } from '../files/place.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { parquetApart } from './parquet-apart.ts'
import { NoPreview, Note, type PreviewProps } from './preview.tsx'
import { readPart } from './read.ts'
import { RowTable } from './row-table.tsx'

export function ParquetPreview({ place, entry, sizeBytes }: PreviewProps) {
  const { t } = useTranslation()
  const { data, error, refetch } = useQuery({
    queryKey: ['preview', 'parquet', rootKey(place.root), place.path, entry.etag],
    queryFn: ({ signal }) =>
      parquetApart((start, end) => readPart({ place, entry }, start, end, signal), sizeBytes, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
  if (error instanceof Refusal || error instanceof Unreachable) return <Problem error={error} onRetry={refetch} />
  if (error) return <NoPreview>{t('preview.noTable', { reason: error.message })}</NoPreview>
  if (!data) return <Loading />
  const { columns, allColumns, rowCount, rows } = data
  const heads = columns.map(({ name, type }) => `${name} (${type})`)
  return (
    <>
      <Note>
        {t('preview.ofRows', { count: rowCount })} {'rows' in rows && t('preview.rows', { count: rows.rows.length })}{' '}
        {allColumns > columns.length && t('preview.columnsCut', { count: columns.length, all: allColumns })}
      </Note>
      {'fault' in rows && <NoPreview>{t('preview.noTable', { reason: rows.fault })}</NoPreview>}
      {'codec' in rows && <NoPreview>{t('preview.codec', { codec: rows.codec })}</NoPreview>}
      <RowTable name={entry.name} heads={heads} rows={'rows' in rows ? rows.rows : []} />
    </>
  )
}
