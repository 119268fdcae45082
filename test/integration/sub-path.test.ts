// PUBLIC_URL with a path: real nginx and Caddy with the files of deploy/ put the platform below /lab/, beside another program.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type GatewayLab, openGatewayLab } from '../support/gateway.ts'
import { openTestProvider, type TestProvider } from '../support/openid-provider.ts'
import { portOf } from '../support/raw-http.ts'
import {
  type AnswerOfOctets,
  behindSubPath,
  caddySubPath,
  gatewayHost,
  nginxSubPath,
  platform,
  type ReverseProxy,
  startReverseProxy,
} from '../support/reverse-proxy.ts'
import { cookieOf, givePassword, password } from '../support/sign-in.ts'

const page = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const ownPage = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const another = "another program's page"

/** The addresses of all links, forms and scripts of a page. */
function linksOf({ headers, body }: AnswerOfOctets): string[] {
  if (!headers['content-type']?.startsWith('text/html')) return []
  const [, base = ''] = /<base href="([^"]*)"/.exec(body) ?? []
  return Array.from(body.matchAll(/ (?:href|action|src)="([^"]*)"/g), ([, to = '']) => to.replace(/^\.\//, base))
}

describe.each([
  ['nginx', nginxSubPath],
  ['Caddy', caddySubPath],
])('below /lab/ of %s:', (_, program) => {
  let club: TestProvider
  let open: GatewayLab
  let proxy: ReverseProxy
  let session: string

  beforeAll(async () => {
    club = await openTestProvider({ publicUrl: behindSubPath.PUBLIC_URL })
    open = await openGatewayLab({ env: { ...behindSubPath, ...club.env } })
    await open.lab.service.app.listen({ host: '127.0.0.1', port: 0 })
    proxy = await startReverseProxy(program, { service: await portOf(open.lab.service.app), gateway: open.port })
    await givePassword(open.lab, open.owner.token, 'owner@lab')
    session = cookieOf((await signIn()).headers)
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await open[Symbol.asyncDispose]()
    await club[Symbol.asyncDispose]()
  })

  const visit = (path: string, cookie = session) => proxy.ask(platform, path, { headers: { ...page, cookie } })
  const send = (path: string, form: Record<string, string>, cookie = '') =>
    proxy.ask(platform, path, {
      method: 'POST',
      headers: { ...ownPage, cookie, 'content-type': 'application/x-www-form-urlencoded' },
      body: `${new URLSearchParams(form)}`,
    })
  const signIn = (next?: string) =>
    send('/lab/sign-in', { user_id: 'owner@lab', password, ...(next !== undefined && { next }) })
  const api = (method: string, path: string, body?: object, token = open.owner.token) =>
    proxy.ask(platform, path, {
      method,
      token,
      headers: body ? { 'content-type': 'application/json' } : {},
      ...(body && { body: JSON.stringify(body) }),
    })

  test('a sign-in sets a cookie for this path alone, and goes on below it', async () => {
    const { status, headers } = await signIn('/open/x')
    expect([status, headers.refresh]).toEqual([200, '0;url=/lab/open/x'])
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Secure-ai-lab-session=\S+; Max-Age=\d+; Path=\/lab\/; HttpOnly; SameSite=Lax; Secure$/),
    ])
    const left = await send('/lab/sign-out', {}, cookieOf(headers))
    expect([left.status, left.headers.location]).toEqual([303, '/lab/sign-in'])
    expect(left.headers['set-cookie']).toEqual([expect.stringContaining('Max-Age=0; Path=/lab/;')])
    expect((await visit('/lab/', cookieOf(headers))).headers.location).toBe('/lab/sign-in?next=%2F')
  })

  test('the path without its slash leads to the home page', async () => {
    const { status, headers } = await proxy.ask(platform, '/lab')
    expect([status, headers.location]).toEqual([308, '/lab/'])
  })

  test('all links and forms of all pages stay below the path, and all links lead to a page', async () => {
    const known = new Set([
      '/lab/',
      '/lab/sign-in',
      '/lab/sign-in?next=%2Fopen%2Fx',
      '/lab/sign-in/link/x',
      '/lab/sessions',
      `/lab/open/${open.id}`,
      '/lab/open/none',
      '/lab/docs',
    ])
    const forms = new Set<string>()
    for (const path of known) {
      for (const answer of [await visit(path), await visit(path, '')]) {
        expect([path, answer.status]).toEqual([path, expect.toBeOneOf([200, 303, 403, 404])])
        expect(answer.body).not.toContain(another)
        for (const to of linksOf(answer)) {
          expect(to).toMatch(/^\/lab\//)
          if (answer.body.includes(` action="${to}"`)) forms.add(to)
          else known.add(to)
        }
      }
    }
    expect([...known]).toEqual(
      expect.arrayContaining([
        '/lab/console/',
        expect.stringMatching(/^\/lab\/console\/assets\/.*\.js$/),
        '/lab/sign-in/openid?next=%2Fopen%2Fx',
      ]),
    )
    expect([...forms]).toEqual(expect.arrayContaining(['/lab/sign-out', '/lab/sign-in']))
    const read = (path: string, accept: string) => proxy.ask(platform, path, { headers: { accept } })
    const problems = await read('/lab/problems', 'text/html')
    expect(linksOf(problems).length).toBeGreaterThan(20)
    for (const to of linksOf(problems).slice(0, 5)) {
      const { status, body } = await read(to, 'text/html')
      expect([status, body]).toEqual([200, expect.stringContaining('<a href="/lab/problems">')])
    }
    expect((await read('/lab/problems/not-found', '*/*')).body).toContain('(/lab/problems)')
  })

  test('a form leads back below the path', async () => {
    const ended = await send('/lab/sessions', { id: 'unknown' }, session)
    expect([ended.status, ended.headers.location]).toEqual([303, '/lab/sessions'])
  })

  test('the addresses in answers of the API lead back to the API', async () => {
    const created = await api('POST', '/lab/api/environments', { template: 'jupyterlab' })
    const { id, access_url } = JSON.parse(created.body)
    expect([created.status, created.headers.location]).toEqual([202, `/lab/api/environments/${id}`])
    expect(access_url).toBe(`https://${platform}/lab/open/${id}`)
    expect((await api('GET', created.headers.location ?? '')).status).toBe(200)
    expect((await api('DELETE', created.headers.location ?? '')).status).toBe(202)

    const refused = await api('GET', '/lab/api/environments/none')
    const { type, instance } = JSON.parse(refused.body)
    expect([refused.status, instance]).toEqual([404, '/lab/api/environments/none'])
    expect((await visit(type)).body).toContain('environment-not-found')
    const { body } = await api('GET', '/lab/api/openapi.json')
    const { servers, components } = JSON.parse(body)
    expect(servers).toEqual([{ url: `https://${platform}/lab` }])
    expect(JSON.stringify(components.responses)).toContain(`"${type}"`)
    for (const path of ['/lab/api/health', '/lab/api/health/live', '/lab/api/health/ready'])
      expect((await proxy.ask(platform, path)).status).toBe(200)
  })

  test('ids come through as they are', async () => {
    await open.lab.newUser('a+b@lab')
    for (const path of ['/lab/api/users/a+b@lab', '/lab/api/users/a%2Bb%40lab'])
      expect([path, (await api('GET', path, undefined, open.lab.adminToken)).status]).toEqual([path, 200])
  })

  test('an invitation is a link below the path, and signs in', async () => {
    await open.lab.newUser('new@lab')
    const made = await api('POST', '/lab/api/users/new@lab/invitation', undefined, open.lab.adminToken)
    const { origin, pathname } = new URL(JSON.parse(made.body).url)
    expect([origin, pathname]).toEqual([`https://${platform}`, expect.stringMatching(/^\/lab\/sign-in\/link\//)])
    expect((await visit(pathname, '')).body).toContain('action="/lab/sign-in/link"')
    const code = pathname.split('/').at(-1) ?? ''
    const entered = await send('/lab/sign-in/link', { code, user_id: 'new@lab', password })
    expect([entered.status, entered.headers.refresh]).toEqual([200, '0;url=/lab/'])
  })

  test('the platform hands a person over to an environment, and the gateway sends them back below the path', async () => {
    const handed = await visit(`/lab/open/${open.id}`)
    const { host, pathname, search } = new URL(handed.headers.location ?? '')
    expect([handed.status, host]).toEqual([303, `${open.id}.${gatewayHost}`])
    const entered = await proxy.ask(host, pathname + search, { headers: page })
    expect(cookieOf(entered.headers)).toMatch(/^__Host-ai-lab-visit=/)
    const stranger = await proxy.ask(host, '/lab?x=1', { headers: page })
    expect(stranger.headers.location).toBe(`https://${platform}/lab/open/${open.id}?next=%2Flab%3Fx%3D1`)
  })

  test('a sign-in at an identity provider comes back below the path', async () => {
    club.person = { sub: '1', email: 'alice@lab.example', email_verified: true, groups: [] }
    const begun = await visit('/lab/sign-in/openid?next=%2Fsessions', '')
    expect(begun.headers['set-cookie']).toEqual([expect.stringMatching(/^__Secure-ai-lab-openid=.*; Path=\/lab\/;/)])
    let to = begun.headers.location ?? ''
    const cookies = new Map<string, string>() // of the provider
    while (!to.startsWith(`https://${platform}/`)) {
      const cookie = Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ')
      const { headers } = await fetch(to, { redirect: 'manual', headers: { cookie } })
      for (const set of headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
        cookies.set(name, value)
      }
      to = new URL(headers.get('location') ?? '', to).href
    }
    const { pathname, search } = new URL(to)
    expect(pathname).toBe('/lab/sign-in/openid/callback')
    const back = await visit(pathname + search, cookieOf(begun.headers))
    expect([back.status, back.headers.refresh]).toEqual([200, '0;url=/lab/sessions'])
  })

  // Trouble (authority): the path is a way to another host, or past the platform
  test.each([
    '//evil.example',
    '/\\evil.example',
    '/.//evil.example',
    'https://evil.example/',
    '/%09/evil.example',
    '/../admin',
    '/..%2fadmin',
    '/%2e%2e%2fadmin',
    '/docs/..%2f..%2fadmin',
    '/..//evil.example',
    '@evil.example',
    '.evil.example',
  ])('after a sign-in, next=%j leads to a page below the path alone', async (next) => {
    const { headers, body } = await signIn(next)
    const [, to = ''] = /^0;url=(.*)$/.exec(String(headers.refresh)) ?? []
    const { origin, pathname } = new URL(to, `https://${platform}/lab/sign-in`)
    expect([origin, pathname.startsWith('/lab/')]).toEqual([`https://${platform}`, true])
    expect((await visit(to)).body).not.toContain(another)
    for (const link of linksOf(await visit(`/lab/sign-in?next=${encodeURIComponent(next)}`)))
      expect(new URL(link, `https://${platform}/lab/sign-in`).href).toMatch(`https://${platform}/lab/`)
    expect(body).not.toContain('//evil')
  })

  // Trouble (authority): the path is a way to another host, or past the platform
  test.each([
    '/lab//evil.example',
    '/lab//evil.example/%2e%2e',
    '/lab/%2f%2fevil.example',
    '/lab/%5c%5cevil.example',
    '/lab//sign-in',
    '/lab/open//evil.example',
    '/lab/../lab//evil.example/',
    '/lab/open/..%2f..%2f',
  ])('%s leads nowhere else', async (path) => {
    const { status, headers } = await visit(path)
    const { location = '' } = headers
    expect([path, status]).toEqual([path, expect.toBeOneOf([200, 303, 308, 400, 404])])
    if (location !== '')
      expect(new URL(location, `https://${platform}${path}`).href).toMatch(`https://${platform}/lab/`)
  })

  // Trouble (authority): the path is a way to another host, or past the platform
  test.each(['/labx', '/lab/../metrics', '/lab/%2e%2e/api/health', '/api/health', '/metrics'])(
    '%s is not the platform',
    async (path) => {
      const { status, body } = await visit(path)
      expect([path, status === 400 || body.includes(another)]).toEqual([path, true])
    },
  )

  // Trouble (authority): a client names another host, so that a link leads there
  test('no answer repeats a host that the client names', async () => {
    const told = { 'x-forwarded-host': 'evil.example', 'x-forwarded-prefix': '/evil', 'x-original-url': '/evil' }
    for (const path of [
      '/lab',
      '/lab/',
      '/lab/sign-in',
      `/lab/open/${open.id}`,
      '/lab/docs',
      '/lab/api/openapi.json',
    ]) {
      const answer = await proxy.ask(platform, path, { headers: { ...page, ...told } })
      expect([path, JSON.stringify(answer.headers) + answer.body]).toEqual([path, expect.not.stringContaining('evil')])
    }
  })

  // Trouble (authority): a cache of the host gives one person's answers to another, because cookies are not part of its key
  test('no cache on the way may keep an answer to a person', async () => {
    const cookie = session
    for (const path of [
      '/',
      '/sessions',
      '/api/me',
      '/api/environments',
      `/api/environments/${open.id}`,
      '/api/none',
    ]) {
      const { headers } = await proxy.ask(platform, `/lab${path}`, { headers: { ...ownPage, cookie } })
      expect([path, headers['cache-control']]).toEqual([path, 'no-store'])
    }
    const { headers } = await proxy.ask(platform, '/lab/docs/static/swagger-ui.css')
    expect(headers['cache-control']).toBe('public, max-age=0')
  })

  // Trouble (authority): a lab runs for years on the weaker pattern, and nobody knows
  test('health says to administrators that a path is weaker, and the service is healthy', async () => {
    const asked = await api('GET', '/lab/api/health', undefined, open.lab.adminToken)
    const ofBackups = expect.stringMatching(/^The backups are on the disk of the data root/)
    const words = expect.stringMatching(/^The platform shares the origin https:\/\/lab\.example\.org with /)
    expect(JSON.parse(asked.body)).toMatchObject({ status: 'healthy', weaknesses: [words, ofBackups] })
    expect(JSON.parse((await api('GET', '/lab/api/health')).body)).not.toHaveProperty('weaknesses')
  })

  test('the metrics ask for a token here too', async () => {
    expect((await proxy.ask(platform, '/lab/metrics')).status).toBe(401)
    expect((await api('GET', '/lab/metrics', undefined, open.lab.adminToken)).body).toContain('ailab_build_info')
  })

  test('while the platform is away, its path alone gets 503', async () => {
    await open.lab.service.app.close()
    const { status, headers } = await proxy.ask(platform, '/lab/api/health')
    expect([status, headers['retry-after']]).toEqual([503, '5'])
    expect((await proxy.ask(platform, '/')).body).toContain(another)
  })
})

// Trouble (authority): tokens in addresses lie in the log of the proxy
test('below a path too, the log of nginx has no query and no code of an invitation', async () => {
  const nobody = await freePort()
  await using proxy = await startReverseProxy(nginxSubPath, { service: nobody, gateway: nobody })
  await proxy.ask(platform, '/lab/sign-in/link/SECRET?x=SECRET')
  const log = await readFile(join(proxy.folder, 'ai-lab.log'), 'utf8')
  expect(log).toMatch(/"GET \/sign-in\/link\/\.\.\. HTTP\/1\.1" \d+/)
  expect(log).not.toContain('SECRET')
})
