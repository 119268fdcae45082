import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { z } from 'zod'
import type { GroupRules } from '../domain/people/provider-claims.ts'
import type { variables } from './variables.ts'

/** The identity provider at which people may sign in too. */
export type OpenIdSettings = {
  issuer: string
  clientId: string
  clientSecret: string
  /** For people to read. */
  name: string
  userClaim: string
  groups: GroupRules
}

type Values = z.infer<typeof variables>

/** Null if the settings name no provider, or not enough of one. */
export function openId(values: Values, folder: string): { openId: OpenIdSettings | null; mistakes: string[] } {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId } = values
  if (!issuer) return { openId: null, mistakes: withoutIssuer(values) }
  const { secret, mistakes } = secretOf(values, folder)
  if (!clientId) mistakes.unshift('OIDC_CLIENT_ID: is missing, though OIDC_ISSUER is set')
  if (!clientId || !secret) return { openId: null, mistakes }
  const groups = {
    groupsClaim: values.OIDC_GROUPS_CLAIM,
    allowed: values.OIDC_ALLOWED_GROUPS ?? null,
    administrators: values.OIDC_ADMIN_GROUPS ?? null,
    tiers: values.OIDC_TIER_GROUPS ?? null,
  }
  const name = values.OIDC_NAME ?? new URL(issuer).host
  const { OIDC_USER_CLAIM: userClaim } = values
  return { openId: { issuer, clientId, clientSecret: secret, name, userClaim, groups }, mistakes }
}

const needIssuer = [
  'OIDC_CLIENT_ID',
  'OIDC_CLIENT_SECRET',
  'OIDC_CLIENT_SECRET_FILE',
  'OIDC_NAME',
  'OIDC_ALLOWED_GROUPS',
  'OIDC_ADMIN_GROUPS',
  'OIDC_TIER_GROUPS',
] as const

function withoutIssuer(values: Values): string[] {
  const [name] = needIssuer.filter((each) => values[each] !== undefined)
  return name ? [`OIDC_ISSUER: is missing, though ${name} is set`] : []
}

function secretOf(values: Values, folder: string): { secret: string | null; mistakes: string[] } {
  const { OIDC_CLIENT_SECRET: secret, OIDC_CLIENT_SECRET_FILE: file } = values
  if (secret && file) {
    return { secret, mistakes: ['OIDC_CLIENT_SECRET: is set beside OIDC_CLIENT_SECRET_FILE. Leave one of them out.'] }
  }
  if (secret) return { secret, mistakes: [] }
  if (!file) {
    const words = 'OIDC_CLIENT_SECRET: is missing, though OIDC_ISSUER is set. Write it, or OIDC_CLIENT_SECRET_FILE.'
    return { secret: null, mistakes: [words] }
  }
  const path = resolve(folder, file)
  try {
    const text = readFileSync(path, 'utf8').trim()
    return { secret: text || null, mistakes: text ? [] : [`OIDC_CLIENT_SECRET_FILE: ${path} is empty`] }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    return { secret: null, mistakes: [`OIDC_CLIENT_SECRET_FILE: ${path} cannot be read (${code})`] }
  }
}
