import type { Launch } from '../environment/environment.ts'

/** The path that a person opens, without the environment's own secret: the gateway adds that itself. Pure. */
export function openTarget({ openPath }: Pick<Launch, 'openPath'>): string {
  const [path = '/', query = ''] = openPath.split('?', 2)
  const rest = query.split('&').filter((part) => part !== '' && !part.startsWith('token='))
  return rest.length > 0 ? `${path}?${rest.join('&')}` : path
}
