import type { App } from './app-type.ts'

// Whoever reads its answer has it by then, and streams have been ended.
const graceMs = 5_000
const lookEveryMs = 50

/**
 * When the app closes, a connection ends with the answer that is under way on it, and is not kept for another request.
 * Those who have not let go after a while are cut off: a reader that does not read, or a request that does not come to its
 * end, would hold up the end of the service, or its new beginning on a data root that was replaced.
 */
export function cutConnections(app: App): void {
  let closingIdle: NodeJS.Timeout
  app.addHook('preClose', async () => {
    closingIdle = setInterval(() => app.server.closeIdleConnections(), lookEveryMs).unref()
    setTimeout(() => app.server.closeAllConnections(), graceMs).unref()
  })
  app.addHook('onClose', async () => clearInterval(closingIdle))
}
