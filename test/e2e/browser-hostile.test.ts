/**
 * A hostile notebook in Chromium: its page and its program try all that they can on whoever visits them. On one origin for
 * all environments, what that cannot hold is tried too, so that docs/security.md stays true.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type HostileLab, openHostileLab } from './support/hostile/lab.ts'

const own = ['http://{id}.localhost', 'https://{id}.env.lab.test']
const shared = ['https://env.lab.test', 'http://localhost']
const people = ['mallory', 'admin'] as const
const navigation = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const limitMs = 90_000

/** Calls a function of the hostile page's own script. */
function call<T>(page: Page, name: string, ...args: unknown[]): Promise<T> {
  return page.evaluate(`hostile.${name}(${args.map((each) => JSON.stringify(each)).join()})`)
}

describe.each([...own, ...shared])('at %s', (pattern) => {
  const isOwn = own.includes(pattern)
  // Cookies know no ports: there the platform has the host name of all environments.
  const isPlatformsHost = pattern === 'http://localhost'
  let lab: HostileLab
  beforeAll(async () => {
    lab = await openHostileLab(pattern)
  }, limitMs)
  afterEach(() => lab?.closeBrowsers())
  afterAll(() => lab?.[Symbol.asyncDispose]())

  const otherOf = (who: string) => (who === 'admin' ? lab.admins : lab.second)
  const hostile = () => lab.addressOf(lab.hostile)

  /** Opens the visitor's own environment, then the hostile one. */
  async function lured(who: string): Promise<{ context: BrowserContext; page: Page }> {
    const context = await lab.signedIn(who)
    await lab.visit(context, otherOf(who))
    return { context, page: await lab.visit(context, lab.hostile) }
  }

  /** The page has no hold on a window that shows the platform: it cannot even close it. */
  async function closeOurs(window: Page): Promise<void> {
    const isOurs = ({ href }: URL) => href.startsWith(lab.platform)
    await window.waitForURL(isOurs, { waitUntil: 'commit' }).then(
      () => window.close(),
      () => {}, // it shows something else, and the page has closed it
    )
  }

  /** What an address came to tell the page, in each way that told it anything. */
  async function learned(page: Page, url: string): Promise<Record<string, string>> {
    page.on('popup', closeOurs)
    const known = await call<Record<string, string>>(page, 'tryAll', url)
    page.off('popup', closeOurs)
    const told = Object.entries(known).filter(
      ([, text]) => !/^(kept away||opaque|nothing|true|refused: \w+)$/.test(text),
    )
    return Object.fromEntries(told)
  }

  /** The requests of the service's log since then. */
  function answered(since: number): { method: string; url: string; status: number }[] {
    const lines = lab.service.output().slice(since).split('\n')
    return lines.filter((line) => line.includes('"msg":"answered"')).map((line) => JSON.parse(line))
  }

  /** Who the platform takes the browser for; null for nobody. */
  async function takenFor(context: BrowserContext): Promise<string | null> {
    const page = await context.newPage()
    const answer = await page.goto(`${lab.platform}/api/me`)
    const body = await answer?.json()
    await page.close()
    return answer?.status() === 401 ? null : body.user_id
  }

  async function signOut(context: BrowserContext): Promise<void> {
    const page = await context.newPage()
    await page.goto(`${lab.platform}/sign-in`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('User id').waitFor()
    await page.close()
  }

  /** Every cookie that the page could set for the platform or for another environment, with a session of mallory's. */
  async function cookiesOfMallory(): Promise<string[]> {
    const mallory = await lab.signedIn('mallory')
    const cookies = await mallory.cookies(lab.platform)
    const secret = cookies.find(({ name }) => name.endsWith('ai-lab-session'))?.value
    const names = ['session', 'visit'].flatMap((name) =>
      ['', '__Host-', '__Secure-'].map((prefix) => `${prefix}ai-lab-${name}`),
    )
    const { hostname } = new URL(lab.platform)
    const places = ['/', `/; Domain=${hostname}`, `/; Domain=env.${hostname}`, `/api; Domain=${hostname}`]
    const plain = names.flatMap((name) => places.map((place) => `${name}=${secret}; Path=${place}`))
    return [...plain, ...plain.map((cookie) => `${cookie}; Secure`), `=ai-lab-session=${secret}; Path=/`]
  }

  // Trouble (authority): somebody guesses or is sent the address of another person's notebook
  test('a person whose environment it is not gets nowhere', async () => {
    const page = await (await lab.signedIn('stranger')).newPage()
    const before = (await lab.seen(lab.hostile)).length
    for (const url of [`${lab.platform}/open/${lab.hostile}`, hostile(), `${hostile()}page.js`]) {
      const answer = await page.goto(url)
      expect([answer?.status(), new URL(page.url()).origin]).toEqual([404, lab.platform])
      expect(await page.textContent('h1')).toBe('No such environment')
    }
    expect((await lab.seen(lab.hostile)).length).toBe(before)
  })

  // Trouble (authority): the page of a notebook calls the platform as the person who has opened it
  test.each(people)(
    'it calls nothing of the platform as %s',
    async (who) => {
      const { context, page } = await lured(who)
      // All the ways work: of its own program the page learns something.
      expect(Object.keys(await learned(page, hostile()))).toEqual(
        expect.arrayContaining(['fetch', 'post', 'redirectedPost', 'frame', 'form', 'socket', 'opened']),
      )
      expect(await page.evaluate('document.cookie')).toBe('')
      const other = otherOf(who)
      const tokens = async () => (await lab.service.call('GET', `/api/tokens?user_id=${who}`)).body.items.length
      const [tokensBefore, since] = [await tokens(), lab.service.output().length]
      const paths = ['/api/me', '/api/tokens', '/api/session', '/sign-out', '/', '/sessions']
      paths.push(`/api/environments/${other}/stop`, `/environments/${other}`)
      if (isOwn) paths.push(`/open/${other}`)
      for (const path of paths) expect([path, await learned(page, lab.platform + path)]).toEqual([path, {}])

      const done = answered(since).filter(({ status }) => status < 400)
      expect(done.filter(({ method }) => !['GET', 'OPTIONS'].includes(method))).toEqual([])
      // Once each: in the window that a link opens too, whose text the page cannot read. In that of / the console asks who is signed in.
      const read = done.filter(({ url, status }) => status === 200 && paths.includes(url)).map(({ url }) => url)
      const once = [...new Set(read)]
      expect([once, [...once, '/api/me']].map((each) => each.toSorted())).toContainEqual(read.toSorted())
      expect(await tokens()).toBe(tokensBefore)
      expect((await lab.service.call('GET', `/api/environments/${other}`)).body.status).toBe('running')
      expect(await takenFor(context)).toBe(who)

      await call(page, 'showFrames', [`${lab.platform}/`, `${lab.platform}/sign-in`, `${lab.platform}/open/${other}`])
      const [, ...frames] = page.frames()
      expect(frames.length).toBeGreaterThan(2)
      for (const frame of frames) expect(await frame.content()).not.toMatch(/You are <|<h1>Sign in|This is \/env/)
    },
    limitMs,
  )

  if (isOwn) {
    // Trouble (authority): the page of one notebook acts in another one of the person who has opened both
    test.each(people)(
      'it opens no other environment of %s',
      async (who) => {
        const { page } = await lured(who)
        const url = lab.addressOf(otherOf(who))
        const before = (await lab.seen(otherOf(who))).length
        for (const each of [url, `${url}events`]) expect(await learned(page, each)).toEqual({})
        await call(page, 'showFrames', [url])
        for (const frame of page.frames().slice(1)) expect(await frame.content()).not.toContain('This is /env')
        // Only a window of its own shows the other environment, as any link does. Its page asks for a script there.
        const [window] = await Promise.all([
          page.waitForEvent('popup'),
          page.evaluate(`void window.open(${JSON.stringify(url)})`),
        ])
        await window.waitForLoadState()
        const seen = (await lab.seen(otherOf(who))).slice(before).map(({ kind, method, headers }) => {
          const [site, mode, to] = ['Site', 'Mode', 'Dest'].map((name) => new Map(headers).get(`Sec-Fetch-${name}`))
          return `${kind} ${method} ${site === 'same-origin' ? site : `${mode} ${to}`}`
        })
        const ofLinks = ['request GET navigate document', 'request GET same-origin']
        expect([...new Set(seen)].toSorted()).toEqual(ofLinks)
      },
      limitMs,
    )
  } else {
    // Trouble (authority): a lab without a wildcard name believes that its environments are kept apart
    test.each(people)(
      'KNOWN WEAKNESS of one origin: it acts in another environment of %s, also in one that was not open',
      async (who) => {
        const context = await lab.signedIn(who)
        const page = await lab.visit(context, lab.hostile)
        const url = lab.addressOf(otherOf(who))
        expect((await learned(page, url)).fetch).not.toContain('This is')
        expect((await learned(page, `${lab.platform}/open/${otherOf(who)}`)).opened).toContain(
          `This is ${new URL(url).pathname}`,
        )
        expect((await learned(page, url)).fetch).toContain(`This is ${new URL(url).pathname}`)
        expect((await learned(page, url)).socket).toContain(`This is ${new URL(url).pathname}`)
      },
      limitMs,
    )
  }

  if (isPlatformsHost) {
    // Trouble (authority): environments have the host name of the platform, and a page sets the platform's cookie
    test(
      'KNOWN WEAKNESS of one host name: it signs its visitor out, and in to an account of its own',
      async () => {
        const { context, page } = await lured('admin')
        const cookies = await cookiesOfMallory()
        await call(page, 'setCookies', cookies)
        expect(await takenFor(context)).toBeNull()
        await context.clearCookies()
        await call(page, 'setCookies', [cookies[0]])
        expect(await takenFor(context)).toBe('mallory')
      },
      limitMs,
    )
  } else {
    // Trouble (authority): a page makes its visitor work in a session that somebody else can use too
    test.each(people)(
      'it sets no cookie that the platform takes, and fixes no session of %s',
      async (who) => {
        const { context, page } = await lured(who)
        const ofPlatform = async () => (await context.cookies(lab.platform)).filter(({ httpOnly }) => httpOnly)
        const before = await ofPlatform()
        const cookies = await cookiesOfMallory()
        await call(page, 'setCookies', cookies)
        expect(await ofPlatform()).toEqual(before)
        expect(await takenFor(context)).toBe(who)
        if (isOwn) await lab.visit(context, otherOf(who))
        await signOut(context)
        await call(page, 'setCookies', cookies)
        expect(await takenFor(context)).toBeNull()
        await lab.signIn(await context.newPage(), who)
        expect(await takenFor(context)).toBe(who)
        expect((await context.cookies(lab.platform)).filter(({ value }) => value === before[0]?.value)).toEqual([])
      },
      limitMs,
    )
  }

  // Trouble (authority): a program answers one request twice, and the second answer goes to somebody else
  test('its program smuggles no answer into that to another request', async () => {
    const { context, page } = await lured('admin')
    const texts = await call<string[]>(page, 'afterTwoAnswers')
    expect(texts).toHaveLength(15)
    for (const text of texts) expect(text).toContain(`This is ${new URL(hostile()).pathname}`)
    expect((await context.cookies()).filter(({ value }) => value === 'split')).toEqual([])
  })

  // Trouble (authority): the service worker of a notebook's page takes the codes by which people enter other ones
  test(
    'its service worker sees the requests for itself alone, and its codes open nothing else',
    async () => {
      const { context, page } = await lured('admin')
      if (!isOwn) await expect(call(page, 'serviceWorker', '/')).rejects.toThrow(/SecurityError/)
      const scope = isOwn ? `${new URL(hostile()).origin}/` : hostile()
      expect(await call(page, 'serviceWorker', new URL(scope).pathname)).toBe(scope)
      await lab.visit(context, otherOf('admin'))
      await page.goto(`${lab.platform}/`)
      const withheld = async () => {
        await page.goto(`${lab.platform}/open/${lab.hostile}?next=${encodeURIComponent('/withheld')}`)
        expect(await page.textContent('body')).toBe('kept the code')
        return page.url()
      }
      const elsewhere = (await withheld()).replaceAll(lab.hostile, lab.admins)
      expect((await lab.asKernel(elsewhere, navigation)).cookies).toEqual([])
      const { cookies } = await lab.asKernel(await withheld(), navigation)
      const cookie = String(cookies[0]).split(';')[0] ?? ''
      const status = async (id: string) =>
        (await lab.asKernel(lab.addressOf(id), { cookie, 'sec-fetch-site': 'same-origin' })).status
      expect([await status(lab.hostile), await status(lab.admins)]).toEqual([200, 401])

      await page.goto(hostile())
      const saw = await call<string[]>(page, 'workerSaw')
      expect(saw.some((url) => url.includes('.ai-lab/enter?code='))).toBe(true)
      expect(saw.filter((url) => !url.startsWith(scope))).toEqual([])

      // After the sign-out it still shows a page of its own, which learns nothing more.
      await signOut(context)
      await page.goto(`${hostile()}from-the-worker`)
      expect(await page.textContent('body')).toBe('from the worker')
      const asked = (url: string) =>
        page.evaluate(
          (at) =>
            fetch(at).then(
              ({ status }) => status,
              () => 0,
            ),
          url,
        )
      expect([await asked(`${hostile()}alive`), await asked(`${lab.platform}/api/me`)]).toEqual([401, 0])
      expect(await status(lab.hostile)).toBe(401)
    },
    limitMs,
  )

  // Trouble (authority): a page of a notebook stays open after its person signed out
  test(
    'it survives no sign-out: its requests, its WebSocket and its stream end within a second',
    async () => {
      const { context, page } = await lured('admin')
      await call(page, 'keepOn')
      await expect
        .poll(async () => Object.values(await page.evaluate<Record<string, number>>('count')).every((each) => each > 2))
        .toBe(true)
      await signOut(context)
      await expect.poll(() => page.evaluate('isOpen()'), { timeout: 1_000 }).toBe(false)
      const [counted, seen] = [await page.evaluate('count'), (await lab.seen(lab.hostile)).length]
      await sleep(1_000)
      expect([await page.evaluate('count'), (await lab.seen(lab.hostile)).length]).toEqual([counted, seen])
      await page.reload()
      await page.getByLabel('User id').waitFor()
      expect(new URL(page.url()).origin).toBe(lab.platform)
    },
    limitMs,
  )

  // Trouble (authority): a program reads the credentials of the people who visit it from their requests
  test('its program gets no cookie, no token and no code of the platform', async () => {
    const { context } = await lured('admin')
    const secrets = (await context.cookies()).filter(({ httpOnly }) => httpOnly).map(({ value }) => value)
    expect(secrets.length).toBeGreaterThan(2)
    // Its own service worker has withheld codes for itself.
    const seen = (await lab.seen(lab.hostile)).filter((each) => !JSON.stringify(each).includes('withheld'))
    const texts = [JSON.stringify(seen.map(({ target }) => target)), JSON.stringify(seen.map(({ headers }) => headers))]
    expect(texts[0]).toContain('page.js')
    const found = (wanted: readonly string[], text = '') => wanted.filter((each) => text.includes(each))
    expect(found([...secrets, lab.service.adminToken, '.ai-lab/enter', 'code='], texts.join())).toEqual([])
    expect(found(['ai-lab-session', 'ai-lab-visit'], texts[1])).toEqual([])
  })
})
