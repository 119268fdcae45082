import { expect, test } from 'vitest'
import { createBrowser, type TestBrowser } from '../support/browser.ts'
import { type Lab, openLab } from '../support/lab.ts'
import { openTestProvider, type TestProvider } from '../support/openid-provider.ts'
import { ownPage } from '../support/sign-in.ts'

const alice = { sub: 'sub-1', email: 'Alice@lab.example', email_verified: true, groups: ['club'] }

type Club = AsyncDisposable & { club: TestProvider; lab: Lab }

async function openClub({
  env = {},
  ...rest
}: { env?: Record<string, string>; log?: (line: Record<string, unknown>) => void; logLevel?: string } & Parameters<
  typeof openTestProvider
>[0] = {}): Promise<Club> {
  const { log, logLevel, ...ofProvider } = rest
  const club = await openTestProvider(ofProvider)
  club.person = alice
  const lab = await openLab({ env: { ...club.env, ...env }, ...(log && { log }), ...(logLevel && { logLevel }) })
  return {
    club,
    lab,
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]()
      await club[Symbol.asyncDispose]()
    },
  }
}

async function me(lab: Lab, browser: TestBrowser) {
  const { status, body } = await lab.as({ ...ownPage, cookie: browser.cookies('localhost') }).get('/api/me')
  return status === 200 ? body : status
}

test('a person signs in at the provider, gets an account, and lands where they wanted to go', async () => {
  await using both = await openClub()
  const { lab } = both
  const browser = createBrowser(lab)
  const page = await browser.visit('/sign-in?next=%2Fdocs%2F')
  expect(page.text).toContain('<a href="/sign-in/openid?next=%2Fdocs%2F">Sign in with The Club</a>')
  const end = await browser.visit('/sign-in/openid?next=%2F')
  expect([end.url, end.status]).toEqual(['http://localhost:5555/', 200])
  expect(end.text).toContain('<strong>alice@lab.example</strong>')
  expect(await me(lab, browser)).toMatchObject({ user_id: 'alice@lab.example', role: 'user', tier: 'default' })
  expect(browser.cookies('localhost')).not.toContain('ai-lab-openid')
})
