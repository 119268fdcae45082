import type { Launch } from '../environment/environment.ts'

/**
 * The name of the cookie that an environment's server wants its own secret in; null if the header `Authorization` is enough.
 * code-server compares its cookie with HASHED_PASSWORD itself (isCookieValid in its src/node/util.ts). Pure.
 */
export function signInCookie({ environment }: Pick<Launch, 'environment'>): string | null {
  return environment.HASHED_PASSWORD === '{token}' ? 'code-server-session' : null
}
