/** The headers Repr-Digest and Want-Repr-Digest, RFC 9530. Pure. */
import { Problem } from '../problem.ts'

const sha256Item = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:,|$)/

/** Whether a client wants the SHA-256 of what it gets: `sha-256` with a weight of more than zero. */
export function wantsSha256(header: string | undefined): boolean {
  return Number(/(?:^|,)\s*sha-256\s*=\s*(\d+)\s*(?:,|$)/.exec(header ?? '')?.[1] ?? 0) > 0
}

/** A hexadecimal SHA-256 as the header has it. */
export function reprDigest(sha256: string): string {
  const octets = sha256.match(/../g) ?? []
  return `sha-256=:${btoa(octets.map((octet) => String.fromCharCode(Number.parseInt(octet, 16))).join(''))}:`
}

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
