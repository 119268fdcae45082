import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { NoPreview, type PreviewProps } from './preview.tsx'
import { pictureType } from './preview-of.ts'
import { useStart } from './use-part.ts'

export function ImagePreview(props: PreviewProps) {
  const { entry, sizeBytes } = props
  const { data, error, refetch } = useStart(
    props,
    'image',
    sizeBytes,
    (bytes) => new Blob([bytes], { type: pictureType(entry.name) }),
  )
  if (error) return <Problem error={error} onRetry={refetch} />
  return data ? <Picture blob={data.shown} name={entry.name} /> : <Loading />
}

/** In an `img`, scripts of an SVG do not run, and it loads nothing. */
function Picture({ blob, name }: { blob: Blob; name: string }) {
  const { t } = useTranslation()
  const address = useBlobAddress(blob)
  const [isBroken, setBroken] = useState(false)
  if (isBroken) return <NoPreview>{t('preview.noImage')}</NoPreview>
  if (address === null) return <Loading />
  return (
    <div className="preview-image">
      {/* Opened by itself, an SVG would run its scripts as this page: once it is shown, its address leads nowhere. */}
      <img
        src={address}
        alt={t('preview.image', { name })}
        onLoad={() => URL.revokeObjectURL(address)}
        onError={() => setBroken(true)}
      />
    </div>
  )
}

/** An address for bytes in this page, as long as they are shown. */
export function useBlobAddress(blob: Blob): string | null {
  const [address, setAddress] = useState<string | null>(null)
  useEffect(() => {
    const made = URL.createObjectURL(blob)
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [blob])
  return address
}
