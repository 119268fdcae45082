import { at } from './place.ts'
import { isSignedOut } from './signed-out.ts'

const againAfterMs = 3_000
const opensWithinMs = 8_000
// The service tells every 15 seconds that it is there.
const silentAtMostMs = 45_000

export type Following = {
  /** The function that takes the data of an event, by the event's name. */
  handlers: Record<string, (data: string) => void>
  /** Opened again after an answer that is no stream, such as a 503. */
  isEndless?: boolean
  onOpen?(): void
  /** No stream is open: the connection broke or is silent, or a proxy keeps the answer back. */
  onLost?(): void
  /** The page is hidden, and nothing is followed. */
  onHidden?(): void
}

/**
 * Follows a stream of the service for as long as the page is not hidden: browsers open only six connections to a server, and people open many
 * pages. The browser itself tries again after a broken connection. Gives a function that ends it.
 */
export function followStream(path: string, { handlers, isEndless = false, ...on }: Following): () => void {
  let stream: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  /** A connection can die without a word: after a sleep, or in a router that forgot it. */
  function heard(): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      close()
      on.onLost?.()
      open()
    }, silentAtMostMs)
  }

  function open(): void {
    if (stream) return
    if (isSignedOut()) {
      timer = setTimeout(open, againAfterMs)
      return
    }
    const opened = new EventSource(at(`api/${path}`))
    stream = opened
    timer = setTimeout(() => on.onLost?.(), opensWithinMs)
    opened.onopen = () => {
      heard()
      on.onOpen?.()
    }
    opened.addEventListener('alive', heard)
    for (const [name, take] of Object.entries(handlers)) {
      opened.addEventListener(name, ({ data }: MessageEvent<string>) => {
        heard()
        take(data)
      })
    }
    opened.onerror = () => {
      clearTimeout(timer)
      on.onLost?.()
      if (opened.readyState !== EventSource.CLOSED) return
      close()
      if (isEndless) timer = setTimeout(open, againAfterMs)
    }
  }

  function close(): void {
    clearTimeout(timer)
    stream?.close()
    stream = null
  }

  function look(): void {
    if (document.hidden) {
      close()
      on.onHidden?.()
    } else open()
  }

  look()
  document.addEventListener('visibilitychange', look)
  return () => {
    document.removeEventListener('visibilitychange', look)
    close()
  }
}
