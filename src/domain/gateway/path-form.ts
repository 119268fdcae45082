import type { Launch } from '../environment/environment.ts'
import { basePath } from '../names.ts'

/** A request to the path form `/env/<id>/…`. `target` is its path and query; `secret` a token in the query, taken out of it. */
export type PathForm = { id: string; target: string; secret: string | null }

const form = /^\/env\/([A-Za-z0-9][A-Za-z0-9_.-]{0,199})(\/[^?]*)?(\?.*)?$/

/** Reads the target of a request; null if it is not of the path form. Pure. */
export function pathForm(target: string): PathForm | null {
  const [, id, path = '/', query = ''] = form.exec(target) ?? []
  return id === undefined ? null : { id, ...withoutToken(`/env/${id}${path}${query}`) }
}

/** Takes `token=` out of the query of a target, and leaves everything else as it is. Pure. */
export function withoutToken(target: string): { target: string; secret: string | null } {
  const at = target.indexOf('?')
  if (at < 0 || !target.includes('token=', at)) return { target, secret: null }
  const parts = target.slice(at + 1).split('&')
  const given = parts.find((part) => part.startsWith('token='))
  if (given === undefined) return { target, secret: null }
  const left = parts.filter((part) => !part.startsWith('token='))
  const rest = left.length > 0 ? `?${left.join('&')}` : ''
  return { target: target.slice(0, at) + rest, secret: decoded(given.slice('token='.length)) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Whether the environment's server serves everything below `/env/<id>/`, as Jupyter's does. */
export function isServedBelow(id: string, { readyPath }: Pick<Launch, 'readyPath'>): boolean {
  return readyPath.startsWith(basePath(id))
}

/**
 * The target for the environment's own server: the same, unless it begins with the path form and the server knows nothing of
 * that path. Pure.
 */
export function upstreamTarget(id: string, launch: Pick<Launch, 'readyPath'>, target: string): string {
  const base = basePath(id)
  return isServedBelow(id, launch) || !target.startsWith(base) ? target : `/${target.slice(base.length)}`
}
