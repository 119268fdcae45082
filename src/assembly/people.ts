/** People, their API tokens, and the first administrator. */

import { type Attempts, createAttempts } from '../accounts/attempts.ts'
import { createCheckPassword } from '../accounts/check-password.ts'
import { ensureFirstAdmin, inviteFirstAdmin } from '../accounts/first-admin.ts'
import { createInvitations } from '../accounts/invitations.ts'
import { createOpenIdSignIn, type OpenIdSignIn } from '../accounts/openid-sign-in.ts'
import { createPasswordHashing } from '../accounts/password-hashing.ts'
import { createPasswords } from '../accounts/passwords.ts'
import { createRights, type Rights } from '../accounts/rights.ts'
import { createSessions, type Sessions } from '../accounts/sessions.ts'
import { createSignIn } from '../accounts/sign-in.ts'
import { createTokens, type Tokens } from '../accounts/tokens.ts'
import { createUsers } from '../accounts/users.ts'
import { createVouched } from '../accounts/vouched.ts'
import { writeWhole } from '../disk/write-whole.ts'
import { sessionLifeMs } from '../domain/people/session.ts'
import { type Authenticate, createAuthenticate } from '../http/authenticate.ts'
import { linkOf } from '../http/link-of.ts'
import { invitationRoutes } from '../http/routes/invitations.ts'
import { openIdPages } from '../http/routes/openid-pages.ts'
import { passwordRoutes } from '../http/routes/password.ts'
import { sessionRoutes, signInRoutes } from '../http/routes/sessions.ts'
import { sessionsPage } from '../http/routes/sessions-page.ts'
import { signInPages } from '../http/routes/sign-in-pages.ts'
import { tokenRoutes } from '../http/routes/tokens.ts'
import { userRoutes } from '../http/routes/users.ts'
import { createTrustedName } from '../http/trusted-name.ts'
import { basePathOf } from '../lib/base-path.ts'
import { createOpenIdProvider } from '../openid/openid-provider.ts'
import { ConfigError } from '../settings/config.ts'
import { createSecretCookie } from '../wire/secret-cookie.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import { ignoredProxyLog, peopleLog, tokensLog } from './service-log.ts'

export type PeoplePart = Capability & {
  tokens: Tokens
  sessions: Sessions
  authenticate: Authenticate
  rights: Rights
  /** Where the first administrator's token was written at the first start. */
  adminTokenFile: string
  /** Whether this start was the first, and wrote it. */
  madeAdmin: boolean
  /** A link that signs the first administrator in once; null if they can sign in already. */
  firstAdminLink: () => Promise<string | null>
}

const attemptLifeMs = 10 * 60_000

export async function assemblePeople(base: Base): Promise<PeoplePart> {
  const { accounts, catalog, clock, config, dataRoot, logger, onError } = base
  const { publicUrl } = config
  const tokens = createTokens({ accounts, clock, log: tokensLog(logger) })
  const log = peopleLog(logger)
  const sessions = createSessions({ accounts, clock, log })
  const hashing = createPasswordHashing()
  const tries = createAttempts(clock)
  const checkPassword = createCheckPassword({ accounts, hashing, attempts: tries })
  const signIn = createSignIn({ accounts, checkPassword, hashing, clock, log })
  const passwords = createPasswords({ accounts, checkPassword, hashing, clock, log })
  const invitations = createInvitations({ accounts, hashing, clock, log })
  const urlOf = (code: string) => linkOf(publicUrl, code)
  const isSecure = new URL(publicUrl).protocol === 'https:'
  const path = `${basePathOf(publicUrl)}/`
  const cookie = createSecretCookie({ isSecure, path, purpose: 'session', lifeMs: sessionLifeMs })
  const attempts = createSecretCookie({ isSecure, path, purpose: 'openid', lifeMs: attemptLifeMs })
  const openId = assembleOpenId(base, tries)
  const authenticate = createAuthenticate({ tokens, sessions, proxy: assembleProxy(base), cookie, publicUrl })
  const users = createUsers({ accounts, catalog, clock })
  const adminTokenFile = `${dataRoot.path}/admin/first-admin-token`
  const madeAdmin = await ensureFirstAdmin({
    accounts,
    tier: Object.keys(catalog.tiers).at(-1) ?? 'default',
    clock,
    deliver: (secret) => writeWhole(adminTokenFile, `${secret}\n`, 0o600),
  })
  return {
    tokens,
    sessions,
    authenticate,
    rights: createRights({ accounts, clock, onError }),
    adminTokenFile,
    madeAdmin,
    async firstAdminLink() {
      const invitation = await inviteFirstAdmin({ accounts, clock })
      return invitation && urlOf(invitation.code)
    },
    routes: {
      atTop: (app) => {
        signInPages(app, { signIn, sessions, invitations, openId, authenticate, cookie, publicUrl })
        if (openId) openIdPages(app, { openId, authenticate, cookie, attempts })
        sessionsPage(app, { sessions, authenticate, publicUrl })
      },
      anyone: (app) => signInRoutes(app, { signIn, cookie, publicUrl }),
      signedIn: (app) => {
        tokenRoutes(app, { tokens })
        sessionRoutes(app, { sessions, cookie })
        passwordRoutes(app, { passwords })
      },
      administrators: (app) => {
        userRoutes(app, { users })
        invitationRoutes(app, { invitations, urlOf })
      },
    },
  }
}

/** @throws ConfigError if a group gives a tier that the catalogue does not have */
function assembleOpenId({ accounts, catalog, clock, config, logger }: Base, attempts: Attempts): OpenIdSignIn | null {
  const { openId: settings, publicUrl } = config
  if (!settings) return null
  const unknown = settings.groups.tiers?.find(({ tier }) => !Object.hasOwn(catalog.tiers, tier))
  if (unknown) {
    const known = Object.keys(catalog.tiers).join(', ')
    throw new ConfigError(`OIDC_TIER_GROUPS: the catalogue has no tier "${unknown.tier}"; there are ${known}`)
  }
  const urls = { callbackUrl: `${publicUrl}/sign-in/openid/callback`, afterSignOutUrl: `${publicUrl}/sign-in` }
  const provider = createOpenIdProvider({ ...settings, ...urls }, clock)
  return createOpenIdSignIn({ provider, settings, accounts, attempts, clock, log: peopleLog(logger) })
}

function assembleProxy({ accounts, clock, config, logger }: Base) {
  const { trustedUserHeader: header, trustProxy } = config
  if (header === null) return null
  const nameIn = createTrustedName({ header, trustProxy, onIgnored: ignoredProxyLog(logger, header) })
  return { nameIn, vouched: createVouched({ accounts, clock, log: peopleLog(logger) }) }
}
