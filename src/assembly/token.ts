/** The assembly of `ailab token`. */
import { regainAccess } from '../accounts/first-admin.ts'
import type { MadeToken } from '../commands/token.ts'
import { systemClock } from '../lib/system-clock.ts'
import { besideService } from './beside-service.ts'

/** Makes a new token of an administrator. @throws Error with a sentence for the administrator */
export function assembleToken(folder: string): Promise<MadeToken> {
  return besideService(folder, 'token --admin', async ({ accounts, dataRoot }) => {
    const { account, secret } = await regainAccess({ accounts, clock: systemClock })
    return { secret, userId: account.id, dataRoot }
  })
}
