import type { Caller } from '../domain/people/account.ts'
import { userId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import type { Tokens } from './tokens.ts'

/** The caller of a request with that token, and with that user where it names one. @throws Problem unauthenticated */
export async function callerWith(
  tokens: Pick<Tokens, 'callerOf'>,
  credentials: { secret: string; user: string | null },
): Promise<Caller> {
  const caller = await tokens.callerOf(credentials.secret)
  if (credentials.user !== null && userId.safeParse(credentials.user).data !== caller.userId) {
    throw new Problem('unauthenticated', 'The token does not belong to that user.')
  }
  return caller
}
