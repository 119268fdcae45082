import { type RefObject, useEffect, useRef, useState } from 'react'

export type Window = { from: number; to: number }

/** The rows of a long table that are in view, with some beside them. Pure. */
export function windowOf({
  count,
  rowPx,
  topPx,
  heightPx,
  spare = 6,
}: {
  count: number
  rowPx: number
  topPx: number
  heightPx: number
  spare?: number
}): Window {
  const first = Math.floor(topPx / rowPx)
  const inView = Math.ceil(heightPx / rowPx)
  const to = Math.min(count, first + inView + spare)
  return { from: Math.max(0, Math.min(first - spare, to - inView)), to }
}

/** Follows the rows in view of a scrolled element. It renders again only after a scroll by some rows. */
export function useVisibleRows(count: number, rowPx: number): Window & { scroller: RefObject<HTMLDivElement | null> } {
  const scroller = useRef<HTMLDivElement>(null)
  const [seen, setSeen] = useState({ topPx: 0, heightPx: 800 })
  const stepPx = rowPx * 4

  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const look = () => {
      const topPx = Math.floor(element.scrollTop / stepPx) * stepPx
      const heightPx = element.clientHeight + stepPx
      setSeen((before) => (before.topPx === topPx && before.heightPx === heightPx ? before : { topPx, heightPx }))
    }
    const observer = new ResizeObserver(look)
    observer.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [stepPx])

  return { scroller, ...windowOf({ count, rowPx, ...seen }) }
}

/** Follows the rows of a long table that are on the screen; the others are not drawn. The page scrolls, not the table. */
export function useRowsInView(
  table: RefObject<HTMLElement | null>,
  rowHeight: number,
  count: number,
): [from: number, to: number] {
  const [range, setRange] = useState<[number, number]>(() => rowsOnScreen(0, rowHeight, count))
  useEffect(() => {
    let frame = 0
    function look(): void {
      frame = 0
      const top = -(table.current?.getBoundingClientRect().top ?? 0)
      const next = rowsOnScreen(top, rowHeight, count)
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

const spareOnScreen = 20

function rowsOnScreen(topPx: number, rowPx: number, count: number): [number, number] {
  const { from, to } = windowOf({
    count,
    rowPx,
    heightPx: innerHeight,
    topPx: Math.max(0, topPx),
    spare: spareOnScreen,
  })
  return [from, to]
}
