import { type RefObject, useEffect, useState } from 'react'
import { windowOf } from '../parts/visible-rows.ts'

/** Which rows of a long table are on the screen: only these are drawn. The page scrolls, not the table. */
export function useRowsInView(
  table: RefObject<HTMLElement | null>,
  rowHeight: number,
  count: number,
): [from: number, to: number] {
  const [range, setRange] = useState<[number, number]>(() => inView(0, rowHeight, count))
  useEffect(() => {
    let frame = 0
    function look(): void {
      frame = 0
      const top = -(table.current?.getBoundingClientRect().top ?? 0)
      const next = inView(top, rowHeight, count)
      setRange((range) => (range[0] === next[0] && range[1] === next[1] ? range : next))
    }
    const later = () => {
      frame ||= requestAnimationFrame(look)
    }
    look()
    addEventListener('scroll', later, { passive: true })
    addEventListener('resize', later)
    return () => {
      cancelAnimationFrame(frame)
      removeEventListener('scroll', later)
      removeEventListener('resize', later)
    }
  }, [table, rowHeight, count])
  return range
}

const spare = 20

function inView(topPx: number, rowPx: number, count: number): [number, number] {
  const { from, to } = windowOf({ count, rowPx, heightPx: innerHeight, topPx: Math.max(0, topPx), spare })
  return [from, to]
}
