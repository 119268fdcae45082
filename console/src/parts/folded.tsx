import { Anchor, Box } from '@mantine/core'
import { useMergedRef, useResizeObserver } from '@mantine/hooks'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

/** Shows the first lines of other people's text, and a button for the rest. */
export function Folded({ height, children }: { height: number; children: ReactNode }) {
  const { t } = useTranslation()
  const [isOpen, setOpen] = useState(false)
  const [isLonger, setLonger] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const [observed, { width }] = useResizeObserver<HTMLDivElement>()
  const ref = useMergedRef(box, observed)
  useEffect(() => {
    if (box.current) setLonger(box.current.scrollHeight > height + 1)
  }, [children, width, height])
  return (
    <div>
      <Box ref={ref} mah={isOpen ? undefined : height} style={{ overflow: 'hidden' }}>
        {children}
      </Box>
      {isLonger && (
        <Anchor component="button" type="button" size="sm" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t(isOpen ? 'jobs.less' : 'jobs.more')}
        </Anchor>
      )}
    </div>
  )
}
