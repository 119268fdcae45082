/** The header Repr-Digest, RFC 9530. Pure. */
import { Problem } from '../problem.ts'

const sha256Item = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:,|$)/

/** The SHA-256 that a header demands, hexadecimal; undefined without the header. @throws Problem invalid-request */
export function demandedSha256(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const [, base64] = sha256Item.exec(header) ?? []
  if (base64 !== undefined)
    return Array.from(atob(base64), (octet) => octet.charCodeAt(0).toString(16).padStart(2, '0')).join('')
  throw new Problem(
    'invalid-request',
    'The header Repr-Digest has no SHA-256 in the form sha-256=:<base64>: (RFC 9530).',
    {
      errors: [{ pointer: '/repr-digest', detail: 'sha-256=:<base64>:' }],
    },
  )
}
