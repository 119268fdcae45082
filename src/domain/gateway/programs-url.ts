import type { EnvironmentsUrl } from './environments-url.ts'

/**
 * Where programs with a token reach the gateway, without a path: the one origin of all environments, or the host above their own hosts.
 * Null if that host is the platform's, or if the lab's pattern has none. Pure.
 */
export function programsUrlOf(
  { pattern, isShared }: Pick<EnvironmentsUrl, 'pattern' | 'isShared'>,
  publicUrl: string,
): string | null {
  if (pattern === null || !(isShared || pattern.includes('://{id}.'))) return null
  const { origin } = new URL(pattern.replace('{id}.', ''))
  return origin === new URL(publicUrl).origin ? null : origin
}
