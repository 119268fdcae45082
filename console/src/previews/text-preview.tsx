import { useTranslation } from 'react-i18next'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownName } from '../parts/shown-name.ts'
import { writeBytes } from '../words/write.ts'
import { NoPreview, Note, type PreviewProps } from './preview.tsx'
import { textOf } from './text.ts'
import { useStart } from './use-part.ts'

const firstBytes = 256 * 1024

export function TextPreview(props: PreviewProps) {
  const { t } = useTranslation()
  const { data, error, refetch } = useStart(props, 'text', firstBytes, textOf)
  if (error) return <Problem error={error} onRetry={refetch} />
  if (!data) return <Loading />
  if (data.shown === null) return <NoPreview>{t('preview.binary')}</NoPreview>
  return (
    <>
      {props.sizeBytes > firstBytes && (
        <Note>{t('preview.firstPart', { part: writeBytes(firstBytes), size: writeBytes(props.sizeBytes) })}</Note>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <section className="preview-text foreign" tabIndex={0} aria-label={shownName(props.entry.name)}>
        <pre>{data.shown}</pre>
      </section>
    </>
  )
}
