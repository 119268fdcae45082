import { z } from 'zod'
import { givenName } from '../../domain/environment/environment.ts'
import { type Account, role, type Token } from '../../domain/people/account.ts'
import { scope } from '../../domain/people/scope.ts'
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
export const addUserBody = z.strictObject({
  id: userId,
  role: role.default('user'),
  tier: z.string().default('default'),
})
export const changeUserBody = z.strictObject({
  role: role.optional(),
  tier: z.string().optional(),
  disabled: z.boolean().optional(),
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
export const issueTokenBody = z.strictObject({
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
