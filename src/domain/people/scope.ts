import { z } from 'zod'

/** A scope narrows a token to one kind of work. It never adds a right that the token's role does not give. */
export const scope = z.enum([
  'environments:read',
  'environments:write',
  'environments:open',
  'environments',
  'files:read',
  'files:write',
  'files',
  'tokens',
  'metrics',
  'admin',
])
export type Scope = z.infer<typeof scope>

/** The scopes of a token; null: it may do everything that its role allows. */
export type Scopes = readonly Scope[] | null

/** Whether a token with scopes `held` may do everything that a token with scopes `asked` may do. */
export function includesScopes(held: Scopes, asked: Scopes): boolean {
  if (held === null) return true
  return asked?.flatMap(partsOf).every((part) => includesPart(held, part)) ?? false
}

/** Whether a token with scopes `held` may do what needs `part`, a scope that stands for itself alone. */
export function includesPart(held: readonly Scope[], part: Part): boolean {
  return held.some((each) => partsOf(each).includes(part))
}

/** A scope that actions name. The others stand for several of these. */
export type Part = Exclude<Scope, 'environments' | 'files'>

function partsOf(scope: Scope): readonly Part[] {
  switch (scope) {
    case 'environments':
      return ['environments:read', 'environments:write', 'environments:open']
    case 'environments:write':
      return ['environments:read', 'environments:write'] // the answer to each change shows the environment
    case 'files':
    case 'files:write':
      return ['files:read', 'files:write'] // whoever may replace a file may as well read it
    default:
      return [scope]
  }
}
