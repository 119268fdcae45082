import { Alert, Button, Stack, Text } from '@mantine/core'
import { type ReactNode, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Entry } from '../api/bodies.ts'
import type { Place } from '../files/place.ts'
import { lazily } from '../parts/lazily.ts'
import { Loading } from '../parts/loading.tsx'
import { Fault } from '../shell/fault.tsx'
import { writeBytes } from '../words/write.ts'
import { type Preview as Kind, previewOf } from './preview-of.ts'

export type PreviewProps = { place: Place; entry: Entry; sizeBytes: number }

const shown = {
  text: lazily(async () => (await import('./text-preview.tsx')).TextPreview),
  image: lazily(async () => (await import('./image-preview.tsx')).ImagePreview),
  notebook: lazily(async () => (await import('./notebook-preview.tsx')).NotebookPreview),
  csv: lazily(async () => (await import('./csv-preview.tsx')).CsvPreview),
  parquet: lazily(async () => (await import('./parquet-preview.tsx')).ParquetPreview),
} as const satisfies Record<Exclude<Kind, 'none'>, unknown>

/** These are read as a whole. */
const largest: Partial<Record<Kind, number>> = { image: 20 * 2 ** 20, notebook: 20 * 2 ** 20 }

/** What is in a file, as far as a page can show it safely. */
export function Preview({ place, entry }: { place: Place; entry: Entry }) {
  const { t } = useTranslation()
  const [asText, setAsText] = useState(false)
  const kind = asText ? 'text' : previewOf(entry.name)
  const sizeBytes = entry.size_bytes ?? 0
  const limit = largest[kind]
  if (sizeBytes === 0) return <Text c="dimmed">{t('preview.empty')}</Text>
  if (kind === 'none' || (limit !== undefined && sizeBytes > limit))
    return (
      <Stack align="flex-start" gap="sm">
        <Text c="dimmed">
          {limit === undefined ? t('preview.none') : t('preview.tooLarge', { limit: writeBytes(limit) })}
        </Text>
        <Button variant="default" onClick={() => setAsText(true)}>
          {t('preview.asText')}
        </Button>
      </Stack>
    )
  const Shown = shown[kind]
  return (
    <Stack component="section" aria-label={t('preview.title')} gap="sm" data-preview={kind}>
      <Fault key={kind}>
        <Suspense fallback={<Loading />}>
          <Shown place={place} entry={entry} sizeBytes={sizeBytes} />
        </Suspense>
      </Fault>
    </Stack>
  )
}

/** Something that a preview has to say about itself. */
export function Note({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed" className="foreign" role="status">
      {children}
    </Text>
  )
}

export function NoPreview({ children }: { children: ReactNode }) {
  return (
    <Alert color="gray" variant="outline">
      <Text className="foreign">{children}</Text>
    </Alert>
  )
}
