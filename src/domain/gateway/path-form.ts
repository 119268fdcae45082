import type { Launch } from '../environment/environment.ts'
import { basePath } from '../names.ts'

/** A request to the path form `/env/<id>/…`. `target` is its path and query; `secret` a token in the query, taken out of it. */
export type PathForm = { id: string; target: string; secret: string | null }

const form = /^\/env\/([A-Za-z0-9][A-Za-z0-9_.-]{0,199})(\/[^?]*)?(\?.*)?$/

/** Reads the target of a request; null if it is not of the path form. Pure. */
export function pathForm(target: string): PathForm | null {
  const [, id, path = '/', query = ''] = form.exec(target) ?? []
  if (id === undefined) return null
  const { rest, secret } = withoutToken(query)
  return { id, target: `/env/${id}${path}${rest}`, secret }
}

/** Takes `token=` out of a query, and leaves everything else as it is. */
function withoutToken(query: string): { rest: string; secret: string | null } {
  if (!query.includes('token=')) return { rest: query, secret: null }
  const parts = query.slice(1).split('&')
  const given = parts.find((part) => part.startsWith('token='))
  if (given === undefined) return { rest: query, secret: null }
  const left = parts.filter((part) => !part.startsWith('token='))
  return { rest: left.length > 0 ? `?${left.join('&')}` : '', secret: decoded(given.slice('token='.length)) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * What the environment's own server is asked for. Jupyter's serves everything below `/env/<id>/`; other programs know
 * nothing of that path.
 */
export function upstreamTarget(id: string, { readyPath }: Pick<Launch, 'readyPath'>, target: string): string {
  const base = basePath(id)
  if (readyPath.startsWith(base)) return target
  return `/${target.slice(base.length)}`
}
