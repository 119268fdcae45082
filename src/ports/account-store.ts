import type { Account, Role, Token } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'

/** Records of people and of their API tokens. */
export interface AccountStore {
  account(id: UserId): Promise<Account | null>
  admins(): Promise<number>
  accounts(query: { after?: UserId | undefined; limit: number }): Promise<Account[]>
  /** Adds a person, with a first token or not at all. Gives false when there is such a person already. */
  addAccount(account: Account, token?: Token): Promise<boolean>
  changeAccount(id: UserId, change: { role?: Role | undefined; tier?: string | undefined }): Promise<Account | null>

  addToken(token: Token): Promise<void>
  /** A token that has not expired at `now`, with its owner. */
  tokenOwner(secretHash: string, now: number): Promise<{ token: Token; owner: Account } | null>
  tokens(userId: UserId): Promise<Token[]>
  token(id: string): Promise<Token | null>
  removeToken(id: string): Promise<void>
}
