import type { Scope } from '../../../src/domain/people/scope.ts'

const isScope: Record<Scope, true> = {
  'environments:read': true,
  'environments:write': true,
  'environments:open': true,
  environments: true,
  'files:read': true,
  'files:write': true,
  files: true,
  tokens: true,
  metrics: true,
  admin: true,
}

/** The scopes to which a token can be narrowed. */
export const scopes = Object.keys(isScope) as Scope[]
