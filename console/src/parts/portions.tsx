import { Button } from '@mantine/core'
import { startTransition, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

const inAdvance = '1000px'

/** How many of a long list are shown, which grows by one portion after the other. */
export function usePortions(portion: number): [shown: number, showMore: () => void] {
  const [shown, setShown] = useState(portion)
  return [shown, () => setShown((before) => before + portion)]
}

/** Stands at the end of what is shown of a long list. Shows more when the person presses it, and before they have scrolled to it. */
export function ShowMore({ shown, onMore }: { shown: number; onMore: () => void }) {
  const { t } = useTranslation()
  const button = useRef<HTMLButtonElement>(null)
  const latest = useRef(onMore)
  latest.current = onMore
  useEffect(() => {
    if (!button.current) return
    const observer = new IntersectionObserver(
      (seen) => {
        if (seen.some(({ isIntersecting }) => isIntersecting)) startTransition(latest.current)
      },
      { rootMargin: inAdvance },
    )
    observer.observe(button.current)
    return () => observer.disconnect()
  }, [shown])
  return (
    <Button ref={button} variant="default" style={{ alignSelf: 'center' }} onClick={onMore}>
      {t('showMore')}
    </Button>
  )
}
