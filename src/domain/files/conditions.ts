/** The headers If-Match and If-None-Match, RFC 9110, 13.1. Pure. */
import { Problem } from '../problem.ts'

export type Conditions = { ifMatch?: string | undefined; ifNoneMatch?: string | undefined }

/** Whether a header's list of entity tags has this one. `*` stands for any that there is. */
export function hasTag(header: string, tag: string | null, { weakly }: { weakly: boolean }): boolean {
  if (header.trim() === '*') return tag !== null
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? []
  return tags.some((each) => (weakly ? each.replace(/^W\//, '') : each) === tag)
}

/**
 * Checks that a change is asked of the file as the caller knows it. `tag` is null if there is none.
 *
 * @throws Problem precondition-failed
 */
export function requireConditions({ ifMatch, ifNoneMatch }: Conditions, tag: string | null): void {
  if (ifMatch !== undefined && !hasTag(ifMatch, tag, { weakly: false })) {
    const words = tag === null ? 'There is no such file any more' : `Somebody has changed it: its ETag is now ${tag}`
    throw new Problem('precondition-failed', `${words}; nothing was changed.`)
  }
  if (ifNoneMatch !== undefined && hasTag(ifNoneMatch, tag, { weakly: true })) {
    throw new Problem('precondition-failed', 'There is such a file already; nothing was changed.')
  }
}
