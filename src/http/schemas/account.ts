import { z } from 'zod'
import { givenName } from '../../domain/environment/environment.ts'
import { type Account, role, type Token } from '../../domain/people/account.ts'
import { userId } from '../../domain/people/user-id.ts'
import { isoTime, time } from './common.ts'

export const userBody = z.object({ id: z.string(), role, tier: z.string(), created: time }).meta({ id: 'User' })
export const addUserBody = z.strictObject({
  id: userId,
  role: role.default('user'),
  tier: z.string().default('default'),
})
export const changeUserBody = z.strictObject({ role: role.optional(), tier: z.string().optional() })

export const tokenBody = z
  .object({
    id: z.string(),
    user_id: z.string(),
    name: z.string(),
    role,
    created: time,
    expires: time.nullable(),
  })
  .meta({ id: 'Token' })
export const issuedTokenBody = tokenBody.extend({ token: z.string().describe('The secret; shown this once') })
export const issueTokenBody = z.strictObject({
  name: givenName,
  user_id: userId.optional().describe('Whose token; administrators only'),
  role: role.default('user'),
  expires_in_seconds: z
    .int()
    .min(1)
    .max(10 * 365 * 86_400)
    .nullable()
    .default(null),
})

export function toUserBody({ id, role, tier, createdAt }: Account): z.infer<typeof userBody> {
  return { id, role, tier, created: isoTime(createdAt) }
}

export function toTokenBody({ id, userId, name, role, createdAt, expiresAt }: Token): z.infer<typeof tokenBody> {
  return {
    id,
    user_id: userId,
    name,
    role,
    created: isoTime(createdAt),
    expires: expiresAt === null ? null : isoTime(expiresAt),
  }
}
