import type { Lab } from './lab.ts'

type Page = { url: string; status: number; text: string; headers: Record<string, unknown> }

/** A browser that goes from page to page: it keeps cookies by host name, and follows redirects and `Refresh`. */
export type TestBrowser = {
  /**
   * Visits an address as a person does who types it in. `change` may change each address on the way; null: it stops there, and the
   * page is the last one before.
   */
  visit(url: string, change?: (url: URL) => URL | null): Promise<Page>
  /** Sends a form of the page. */
  submit(url: string, form: Record<string, string>): Promise<Page>
  /** The cookies that it has for a host, as a header. */
  cookies(hostname: string): string
  setCookie(hostname: string, name: string, value: string): void
}

/** The service is at `publicUrl`; all other addresses are real ones. */
export function createBrowser(lab: Lab, publicUrl = 'http://localhost:5555'): TestBrowser {
  const jar = new Map<string, Map<string, string>>()
  const cookies = (hostname: string) =>
    Array.from(jar.get(hostname) ?? [], ([name, value]) => `${name}=${value}`).join('; ')

  function keep(hostname: string, lines: readonly string[]): void {
    const kept = jar.get(hostname) ?? new Map<string, string>()
    jar.set(hostname, kept)
    for (const line of lines) {
      const [pair = ''] = line.split(';')
      const name = pair.slice(0, pair.indexOf('='))
      const isGone = /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)
      if (isGone) kept.delete(name)
      else kept.set(name, pair.slice(name.length + 1))
    }
  }

  async function send(url: URL, site: string, form: Record<string, string> | null): Promise<Page> {
    const headers: Record<string, string> = {
      cookie: cookies(url.hostname),
      accept: 'text/html',
      'sec-fetch-site': site,
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
    }
    const body = form && new URLSearchParams(form).toString()
    const page = url.origin === publicUrl ? await ofLab(url, headers, body) : await ofOthers(url, headers, body)
    keep(url.hostname, (page.headers['set-cookie'] ?? []) as string[])
    return page
  }

  async function ofLab(url: URL, headers: Record<string, string>, body: string | null): Promise<Page> {
    const client = lab.as(headers)
    const path = url.pathname + url.search
    const answer = await (body === null ? client.get(path) : client.post(path, body as never))
    return { url: url.href, status: answer.status, text: answer.text, headers: answer.headers }
  }

  async function ofOthers(url: URL, headers: Record<string, string>, body: string | null): Promise<Page> {
    const method = body === null ? 'GET' : 'POST'
    const answer = await fetch(url, { method, headers, body, redirect: 'manual' })
    const all = { ...Object.fromEntries(answer.headers), 'set-cookie': answer.headers.getSetCookie() }
    return { url: url.href, status: answer.status, text: await answer.text(), headers: all }
  }

  async function go(
    from: URL,
    site: string,
    form: Record<string, string> | null,
    change: (url: URL) => URL | null,
  ): Promise<Page> {
    let [page, at, site_] = [await send(from, site, form), from, site]
    for (let count = 0; count < 20; count += 1) {
      const { location, refresh } = page.headers as { location?: string; refresh?: string }
      const told = location ?? refresh?.replace(/^0;url=/, '')
      const next = told === undefined ? null : change(new URL(told, at))
      if (!next) return page
      // A redirect goes on with the first initiator's word; a page begins anew.
      const own = next.origin === at.origin ? 'same-origin' : 'cross-site'
      site_ = location !== undefined && (site_ === 'cross-site' || site_ === 'none') ? site_ : own
      if (next.origin !== at.origin && site_ !== 'none') site_ = 'cross-site'
      at = next
      page = await send(next, site_, null)
    }
    throw new Error(`there is no end: ${page.url}`)
  }

  return {
    visit: (url, change = (each) => each) => go(new URL(url, publicUrl), 'none', null, change),
    submit: (url, form) => go(new URL(url, publicUrl), 'same-origin', form, (each) => each),
    cookies,
    setCookie: (hostname, name, value) => keep(hostname, [`${name}=${value}`]),
  }
}
