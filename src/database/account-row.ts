import type { Selectable } from 'kysely'
import type { Account } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { Tables } from './tables.ts'

export function accountOf(row: Selectable<Tables['accounts']>): Account {
  return {
    id: row.id as UserId,
    role: row.role,
    tier: row.tier,
    disabled: row.disabled !== 0,
    createdAt: row.created_at,
  }
}
