import { basePath } from '../names.ts'
import type { EnvironmentsUrl } from './environments-url.ts'

/**
 * Where a program with a token reaches an environment: always at an origin that the gateway surely answers, because the program sends its
 * token there. The host above the environments' own hosts may be somebody else's server: `*.uni.example` does not cover `uni.example`.
 * `localhost` is this machine, and not every program finds `*.localhost`. Null if there is no such origin. Pure.
 */
export function programUrlOf(
  id: string,
  { pattern, originOf }: Pick<EnvironmentsUrl, 'pattern' | 'originOf'>,
  publicUrl: string,
): string | null {
  const own = originOf(id)
  if (pattern === null || own === null) return null
  const { origin } = new URL(own.replace(`//${id}.localhost`, '//localhost'))
  return origin === new URL(publicUrl).origin ? null : origin + basePath(id)
}
