import { useTranslation } from 'react-i18next'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { csvRows } from './csv.ts'
import { NoPreview, Note, type PreviewProps } from './preview.tsx'
import { RowTable } from './row-table.tsx'
import { textOf } from './text.ts'
import { useStart } from './use-part.ts'

const firstBytes = 2 ** 20

export function CsvPreview(props: PreviewProps) {
  const { t } = useTranslation()
  const { data, error, refetch } = useStart(props, 'csv', firstBytes, (bytes, isWhole) => {
    const text = textOf(bytes, isWhole)
    return text === null ? null : csvRows(text, !isWhole)
  })
  if (error) return <Problem error={error} onRetry={refetch} />
  if (!data) return <Loading />
  if (data.shown === null) return <NoPreview>{t('preview.binary')}</NoPreview>
  const { rows, columns, allColumns, isAll } = data.shown
  const [heads = [], ...rest] = rows
  return (
    <>
      <Note>
        {t(isAll ? 'preview.allRows' : 'preview.rows', { count: rest.length })}{' '}
        {allColumns > columns && t('preview.columnsCut', { count: columns, all: allColumns })}
      </Note>
      <RowTable name={props.entry.name} heads={heads} rows={rest} />
    </>
  )
}
