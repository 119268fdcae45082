import { printable } from '../../lib/printable.ts'
import type { UserId } from './user-id.ts'

/** A browser in which a person has signed in, as recorded: of the secret in its cookie, only the hash is kept. */
export type Session = {
  id: string
  userId: UserId
  secretHash: string
  createdAt: number
  expiresAt: number
  lastUsedAt: number
  /** The browser's name for itself, shortened. */
  client: string
  /** The address that it signed in from. */
  address: string
  /** The word that it began with: the issuer of an identity provider, or `byProxy`. Null: the person's own password or link. */
  voucher: string | null
  /** The provider's own name for its session, if it told one. */
  providerSession: string | null
}

/** Who vouches for a session, and in which session of theirs. */
export type Word = Pick<Session, 'voucher' | 'providerSession'>

export const ownWord: Word = { voucher: null, providerSession: null }

/** The voucher of a session in which a reverse proxy says who the person is. */
export const byProxy = 'proxy'

const dayMs = 86_400_000
const longestClient = 200

/** How long a session lives after its sign-in at most, and how long without use. */
export const sessionLifeMs = 30 * dayMs
const unusedLifeMs = 7 * dayMs

/** When a session ends that was used at `lastUsedAt`, and not after that. */
export function endOfSession({ createdAt, lastUsedAt }: Pick<Session, 'createdAt' | 'lastUsedAt'>): number {
  return Math.min(createdAt + sessionLifeMs, lastUsedAt + unusedLifeMs)
}

/** A browser's name for itself, as people may read it in a list. */
export function clientName(userAgent: string | undefined): string {
  return printable(userAgent ?? '').slice(0, longestClient)
}
