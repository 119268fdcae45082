import { z } from 'zod'
import { givenName } from '../../domain/environment/environment.ts'
import { type Account, type Caller, role, type Token } from '../../domain/people/account.ts'
import { longestPassword } from '../../domain/people/password.ts'
import { scope } from '../../domain/people/scope.ts'
import type { Session } from '../../domain/people/session.ts'
import { userId } from '../../domain/people/user-id.ts'
import { isoTime, time } from './common.ts'

export const userBody = z
  .object({
    id: z.string(),
    role,
    tier: z.string(),
    disabled: z.boolean().describe('Their tokens do not work; their environments go on'),
    created: time,
  })
  .meta({ id: 'User' })
export const addUserBody = z
  .strictObject({
    id: userId,
    role: role.default('user'),
    tier: z.string().default('default'),
  })
  .meta({ examples: [{ id: 'demo@ailab.com', role: 'user', tier: 'default' }] })
export const changeUserBody = z.strictObject({
  role: role.optional(),
  tier: z.string().optional(),
  disabled: z.boolean().optional(),
})

export const invitationBody = z.object({
  url: z.string().describe('Signs the person in once; shown only this once'),
  expires: time,
})

const scopes = z.array(scope).min(1).max(scope.options.length).nullable()

export const tokenBody = z
  .object({
    id: z.string(),
    user_id: z.string(),
    name: z.string(),
    role,
    scopes: scopes.describe('The kinds of work it is narrowed to; null: everything that its role may do'),
    created: time,
    expires: time.nullable(),
    last_used: time.nullable().describe('To within a minute'),
  })
  .meta({ id: 'Token' })
export const issuedTokenBody = tokenBody.extend({ token: z.string().describe('The secret; shown only this once') })
export const issueTokenBody = z
  .strictObject({
    name: givenName,
    user_id: userId.optional().describe('Whose token; administrators only'),
    role: role.default('user'),
    scopes: scopes.default(null).describe('Narrows it to these; null: everything that its role may do'),
    expires_in_seconds: z
      .int()
      .min(1)
      .max(10 * 365 * 86_400)
      .nullable()
      .default(null),
  })
  .meta({ examples: [{ name: 'laptop', scopes: ['environments:read'], expires_in_seconds: 2_592_000 }] })

export const password = z.string().max(longestPassword)

export const signInBody = z.strictObject({ user_id: userId, password })
export const setPasswordBody = z.strictObject({
  password: password.describe('12 characters or more, and not the user id'),
  current_password: password.optional().describe("Needed to change one's own"),
})

export const meBody = z
  .object({
    user_id: z.string(),
    role: role.describe('With this credential'),
    tier: z.string(),
    credential: z.enum(['token', 'session']),
    scopes: scopes.describe('The kinds of work it is narrowed to; null: everything that its role may do'),
    expires: time.nullable().describe('When this credential ends; a session that is used lives on'),
  })
  .meta({ id: 'Me' })

export const sessionBody = z
  .object({
    id: z.string(),
    user_id: z.string(),
    client: z.string().describe('What the browser calls itself'),
    address: z.string().describe('Where it signed in from'),
    created: time,
    expires: time.describe('Later if it is used'),
    last_used: time.describe('To within a minute'),
    current: z.boolean().describe('Whether this request is of this session'),
  })
  .meta({ id: 'Session' })

export function toMeBody(
  { userId, role, tier, kind, scopes }: Pick<Caller, 'userId' | 'role' | 'tier' | 'kind' | 'scopes'>,
  expiresAt: number | null,
): z.infer<typeof meBody> {
  return {
    user_id: userId,
    role,
    tier,
    credential: kind,
    scopes: scopes && [...scopes],
    expires: expiresAt === null ? null : isoTime(expiresAt),
  }
}

export function toSessionBody(session: Session, { credentialId }: Caller): z.infer<typeof sessionBody> {
  const { id, userId, client, address, createdAt, expiresAt, lastUsedAt } = session
  return {
    id,
    user_id: userId,
    client,
    address,
    created: isoTime(createdAt),
    expires: isoTime(expiresAt),
    last_used: isoTime(lastUsedAt),
    current: id === credentialId,
  }
}

export function toUserBody({ id, role, tier, disabled, createdAt }: Account): z.infer<typeof userBody> {
  return { id, role, tier, disabled, created: isoTime(createdAt) }
}

export function toTokenBody(token: Token): z.infer<typeof tokenBody> {
  const { id, userId, name, role, scopes, createdAt, expiresAt, lastUsedAt } = token
  return {
    id,
    user_id: userId,
    name,
    role,
    scopes: scopes && [...scopes],
    created: isoTime(createdAt),
    expires: expiresAt === null ? null : isoTime(expiresAt),
    last_used: lastUsedAt === null ? null : isoTime(lastUsedAt),
  }
}
