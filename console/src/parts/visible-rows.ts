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

/** Follows which rows of a scrolled element are in view. It renders anew only when that changes by some rows. */
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
