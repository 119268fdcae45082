/** What a resumable upload says about itself, in tus's `Upload-Metadata`. Pure. */
import { userId } from '../people/user-id.ts'
import { Problem } from '../problem.ts'
import type { Conditions } from './conditions.ts'
import { filePath } from './file-path.ts'
import type { Place } from './place.ts'
import { sharedTree } from './tree.ts'

export type UploadTarget = Place & Conditions & { sha256: string | undefined }

type Metadata = Readonly<Record<string, string | null>>

const target = /^\/api\/(?:shared|users\/([^/]+))\/files\/(.+)$/
const hexadecimal = /^[0-9a-f]{64}$/i

/**
 * Where an upload goes: `to` is the path to which a `PUT` would write the same file; `sha256`, `if_match` and `if_none_match` are for its
 * end.
 *
 * @throws Problem invalid-request
 */
export function uploadTarget({ to, sha256, if_match, if_none_match }: Metadata): UploadTarget {
  const [whole, person, path] = target.exec(to ?? '') ?? []
  if (!whole || path === undefined)
    throw wrong('to', 'write the path of the file, such as /api/users/<id>/files/<path>')
  if (sha256 && !hexadecimal.test(sha256)) throw wrong('sha256', 'write 64 hexadecimal digits')
  const id = person === undefined ? null : userId.safeParse(person)
  if (id?.success === false) throw wrong('to', 'it names no person')
  return {
    tree: id ? { kind: 'person', userId: id.data } : sharedTree,
    path: filePath(path),
    sha256: sha256?.toLowerCase() ?? undefined,
    ifMatch: if_match ?? undefined,
    ifNoneMatch: if_none_match ?? undefined,
  }
}

function wrong(name: string, rule: string): Problem {
  return new Problem('invalid-request', `Upload-Metadata, ${name}: ${rule}.`, {
    errors: [{ pointer: '/upload-metadata', detail: `${name}: ${rule}` }],
  })
}

/** The words of tus for an error, as a problem of ours: tus tells errors apart by their status alone. */
export function tusProblem(status: number, words: string): Problem {
  const detail = words.trim() || 'The upload was refused.'
  switch (status) {
    case 400:
    case 403: // the media type of a PATCH is wrong
    case 501:
      return new Problem('invalid-request', detail)
    case 404:
    case 410:
      return new Problem('upload-not-found', detail)
    case 409:
      return new Problem('wrong-state', detail)
    case 412:
      return new Problem('precondition-failed', detail)
    case 413:
      return new Problem('body-too-large', detail)
    default:
      return new Problem('internal-error', detail)
  }
}
