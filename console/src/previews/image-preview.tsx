import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { NoPreview, type PreviewProps } from './preview.tsx'
import { pictureType, svgType } from './preview-of.ts'
import { asleep, isLightSvg } from './svg-work.ts'
import { TextPreview } from './text-preview.tsx'
import { useStart } from './use-part.ts'

/** An SVG is a program for drawing: one that is larger is shown as text. */
const largestSvg = 2 * 2 ** 20

export function ImagePreview(props: PreviewProps) {
  const { entry, sizeBytes } = props
  const isSvg = pictureType(entry.name) === svgType
  return isSvg && sizeBytes > largestSvg ? <AsText {...props} /> : <Read {...props} />
}

function Read(props: PreviewProps) {
  const { entry, sizeBytes } = props
  const { data, error, refetch } = useStart(props, 'image', sizeBytes, (bytes) =>
    pictureOf(bytes, pictureType(entry.name)),
  )
  if (error) return <Problem error={error} onRetry={refetch} />
  if (!data) return <Loading />
  return data.shown ? <Picture blob={data.shown} name={entry.name} /> : <AsText {...props} />
}

/** Null: an SVG that the browser would draw for too long. Its own parser draws nothing, runs nothing and loads nothing. */
function pictureOf(bytes: ArrayBuffer, type: string): Blob | null {
  if (type === svgType) {
    const { documentElement } = new DOMParser().parseFromString(asleep(new TextDecoder().decode(bytes)), svgType)
    if (!isLightSvg(documentElement)) return null
  }
  return new Blob([bytes], { type })
}

function AsText(props: PreviewProps) {
  const { t } = useTranslation()
  return (
    <>
      <NoPreview>{t('preview.heavySvg')}</NoPreview>
      <TextPreview {...props} />
    </>
  )
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
