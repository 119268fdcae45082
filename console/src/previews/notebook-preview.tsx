import { Badge, Group, Paper, Stack, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { writeBytes } from '../words/write.ts'
import { useBlobAddress } from './image-preview.tsx'
import { type Cell, type Notebook, notebookOf, type Output } from './notebook.ts'
import { NoPreview, Note, type PreviewProps } from './preview.tsx'
import { useStart } from './use-part.ts'

/** A notebook as elements of this page. Nothing in it is ever taken for HTML. */
export function NotebookPreview(props: PreviewProps) {
  const { t } = useTranslation()
  const { data, error, refetch } = useStart(props, 'notebook', props.sizeBytes, (bytes) =>
    notebookOf(new TextDecoder().decode(bytes)),
  )
  if (error) return <Problem error={error} onRetry={refetch} />
  if (!data) return <Loading />
  const { shown } = data
  if (typeof shown === 'string')
    return <NoPreview>{t('preview.noNotebook', { reason: t(`preview.${shown}`) })}</NoPreview>
  return <Cells notebook={shown} />
}

function Cells({ notebook: { cells, moreCells, language } }: { notebook: Notebook }) {
  const { t } = useTranslation()
  return (
    <Stack gap="sm" maw={960}>
      {language && (
        <Group>
          <Badge variant="default" tt="none" className="foreign">
            {language}
          </Badge>
        </Group>
      )}
      {cells.map((cell, at) => (
        <OneCell key={at} cell={cell} />
      ))}
      {moreCells > 0 && <Note>{t('preview.moreCells', { count: moreCells })}</Note>}
    </Stack>
  )
}

function OneCell({ cell: { kind, source, outputs, count } }: { cell: Cell }) {
  const { t } = useTranslation()
  return (
    <Paper withBorder component="section" aria-label={t(`preview.cell.${kind}`)} className="cell">
      {kind === 'markdown' ? (
        <Text component="div" px="md" py="sm" className="foreign cell-words">
          {source.text}
          <More count={source.more} />
        </Text>
      ) : (
        <div className="cell-source">
          <Text size="xs" c="dimmed" ff="monospace" aria-hidden className="cell-count">
            {kind === 'code' ? `[${count ?? ' '}]` : ''}
          </Text>
          <pre className="foreign">
            {source.text}
            <More count={source.more} />
          </pre>
        </div>
      )}
      {outputs.length > 0 && (
        <section aria-label={t('preview.output')} className="cell-outputs">
          {outputs.map((output, at) => (
            <OneOutput key={at} output={output} />
          ))}
        </section>
      )}
    </Paper>
  )
}

function OneOutput({ output }: { output: Output }) {
  const { t } = useTranslation()
  if (output.kind === 'image') return <OutputPicture output={output} />
  if (output.kind === 'other')
    return (
      <Text size="sm" c="dimmed" className="foreign">
        {t('preview.notShown', { type: output.type })}
      </Text>
    )
  return (
    <pre className="foreign" data-error={output.kind === 'error' || undefined}>
      {output.text}
      <More count={output.more} />
    </pre>
  )
}

function OutputPicture({ output: { type, base64 } }: { output: Extract<Output, { kind: 'image' }> }) {
  const { t } = useTranslation()
  const blob = useMemo(() => blobOf(base64, type), [base64, type])
  const address = useBlobAddress(blob)
  const [isBroken, setBroken] = useState(false)
  if (isBroken) return <Text c="dimmed">{t('preview.noImage')}</Text>
  if (address === null) return null
  return <img src={address} alt={t('preview.outputImage')} onError={() => setBroken(true)} />
}

/** Bytes that are no base64 after all become a picture that does not load. */
function blobOf(base64: string, type: string): Blob {
  try {
    return new Blob([Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))], { type })
  } catch {
    return new Blob([], { type })
  }
}

function More({ count }: { count: number }) {
  const { t } = useTranslation()
  if (count === 0) return null
  return (
    <Text component="span" c="dimmed" size="sm" ff="text">
      {' '}
      {t('preview.cut', { bytes: writeBytes(count) })}
    </Text>
  )
}
