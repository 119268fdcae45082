import type { App } from './app-type.ts'

// By then a client that reads has its answer, and the service has ended the streams.
const graceMs = 5_000
const lookEveryMs = 50

/**
 * When the app closes, a connection ends with the answer under way on it, and takes no further request. Connections that
 * are still open after a while are cut: otherwise a client that does not read its answer, or never finishes its request,
 * would delay the end of the service, or its new beginning on a data root that was replaced.
 */
export function cutConnections(app: App): void {
  let closingIdle: NodeJS.Timeout
  app.addHook('preClose', async () => {
    closingIdle = setInterval(() => app.server.closeIdleConnections(), lookEveryMs).unref()
    setTimeout(() => app.server.closeAllConnections(), graceMs).unref()
  })
  app.addHook('onClose', async () => clearInterval(closingIdle))
}
