import { z } from 'zod'

/** A scope narrows a token to one kind of work. It never adds a right that the token's role does not give. */
export const scope = z.enum(['environments:read', 'environments', 'tokens', 'metrics', 'admin'])
export type Scope = z.infer<typeof scope>

/** The scopes of a token; null: it may do everything that its role allows. */
export type Scopes = readonly Scope[] | null

/** Whether a token with scopes `held` may do everything that a token with scopes `asked` may do. */
export function includesScopes(held: Scopes, asked: Scopes): boolean {
  if (held === null) return true
  return asked?.every((each) => includesScope(held, each)) ?? false
}

function includesScope(held: readonly Scope[], asked: Scope): boolean {
  return held.includes(asked) || (asked === 'environments:read' && held.includes('environments'))
}
