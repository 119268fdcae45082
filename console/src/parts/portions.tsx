import { Button } from '@mantine/core'
import { startTransition, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

const inAdvance = '1000px'

/** Counts the shown items of a long list. `showMore` adds a portion. */
export function usePortions(portion: number): [shown: number, showMore: () => void] {
  const [shown, setShown] = useState(portion)
  return [shown, () => setShown((before) => before + portion)]
}

/** The end of a long list: loads the next portion before the person has scrolled to it, or at a press. */
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
