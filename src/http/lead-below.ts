import type { App } from './app-type.ts'

// A page has no raw quotation mark but in its own markup, so nobody's text passes for a link (`wire/html-page.ts`).
const linksOfPage = /(?<= (?:href|action|src)=")(?=\/)/g
const linksOfMarkdown = /(?<=\]\()(?=\/)/g

/**
 * Puts the path of PUBLIC_URL before every path to which an answer leads: in `Location`, in `Refresh`, and in the links, forms
 * and scripts of pages. A reverse proxy takes it away again, so no route knows of it.
 */
export function leadBelow(app: App, base: string): void {
  if (base === '') return
  app.addHook('onSend', async (_request, reply, payload) => {
    const { location, refresh, 'content-type': type } = reply.getHeaders()
    if (typeof location === 'string' && location.startsWith('/')) reply.header('location', base + location)
    if (typeof refresh === 'string') reply.header('refresh', refresh.replace(/(?<=^\d+;url=)(?=\/)/, base))
    if (typeof payload !== 'string') return payload
    const [kind] = String(type).split(';', 1)
    if (kind === 'text/html') return payload.replace(linksOfPage, base)
    return kind === 'text/markdown' ? payload.replace(linksOfMarkdown, base) : payload
  })
}
