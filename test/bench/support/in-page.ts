/** Scripts for the page under measure. They are texts: the programs of this project know no browser's types. */
export const inPage = {
  firstPaint: `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0`,

  /** When the row shows that its environment has stopped, in milliseconds since the epoch. */
  rowChanges: (id: string) => `new Promise((resolve, reject) => {
    const row = document.querySelector('[data-row="${id}"]')
    if (!row) return reject(new Error('The row of ${id} is not in view.'))
    const observer = new MutationObserver(() => {
      if (!row.querySelector('[data-status=exited]')) return
      observer.disconnect()
      requestAnimationFrame(() => resolve(Date.now()))
    })
    observer.observe(row, { subtree: true, attributes: true, childList: true })
  })`,

  /** The browser's own measure of an interaction: from the press to the next picture, to 8 ms. */
  watchInteractions: `new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.longestMs = Math.max(globalThis.longestMs ?? 0, duration)
  }).observe({ type: 'event', durationThreshold: 16 })`,
  forgetInteractions: `globalThis.longestMs = 0`,
  longestInteraction: `globalThis.longestMs ?? 0`,

  scrollThrough: `(async () => {
    const scroller = document.querySelector('.rows')
    const steps = 100
    for (let step = 1; step <= steps; step += 1) {
      scroller.scrollTop = ((scroller.scrollHeight - scroller.clientHeight) * step) / steps
      await new Promise(requestAnimationFrame)
    }
  })()`,
}
