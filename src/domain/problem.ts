/** Every error of the API: its HTTP status and its title. `docs/problems.md` explains each. */
export const problems = {
  'malformed-request': { status: 400, title: 'The request could not be read' },
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  'sign-in-failed': { status: 401, title: 'The sign-in failed' },
  forbidden: { status: 403, title: 'Not allowed' },
  'link-not-valid': { status: 403, title: 'This link does not sign in any more' },
  'of-another-origin': { status: 403, title: 'The request comes from a page of another origin' },
  'another-person': { status: 403, title: 'Another person is signed in' },
  'tier-too-low': { status: 403, title: 'Your tier does not include this' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'environment-not-found': { status: 404, title: 'No such environment' },
  'user-not-found': { status: 404, title: 'No such user' },
  'token-not-found': { status: 404, title: 'No such token' },
  'backup-not-found': { status: 404, title: 'No such backup' },
  'session-not-found': { status: 404, title: 'No such session' },
  'upload-not-found': { status: 404, title: 'No such upload' },
  'job-not-found': { status: 404, title: 'No such job' },
  'file-not-found': { status: 404, title: 'No such file or folder' },
  'trash-not-found': { status: 404, title: 'Nothing like that is in the trash' },
  'method-not-allowed': { status: 405, title: 'This path does not allow that method' },
  'request-timeout': { status: 408, title: 'The request took too long' },
  'wrong-state': { status: 409, title: 'Not possible in the present state' },
  'backups-off': { status: 409, title: 'Backups are not set up' },
  'backup-under-way': { status: 409, title: 'A backup or a restore is under way' },
  'job-under-way': { status: 409, title: 'Such a job is under way' },
  'quota-reached': { status: 409, title: 'Your tier allows no more environments' },
  'too-many-tokens': { status: 409, title: 'A person may have 100 tokens at most' },
  'last-credential': { status: 409, title: 'The lab would be left without a way in' },
  'user-exists': { status: 409, title: 'This user exists already' },
  'file-exists': { status: 409, title: 'Something has this name already' },
  'wrong-kind': { status: 409, title: 'It is no file or folder of the right kind' },
  'precondition-failed': { status: 412, title: 'It is not as you know it' },
  'body-too-large': { status: 413, title: 'The request body is too large' },
  'unsupported-media-type': { status: 415, title: 'The media type is not supported' },
  'too-many-at-once': { status: 429, title: 'Too many such requests at once' },
  'too-many-wrong-tokens': { status: 429, title: 'Too many wrong tokens from this address' },
  'too-many-sign-ins': { status: 429, title: 'Too many failed sign-ins' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  'range-not-satisfiable': { status: 416, title: 'The file has no such part' },
  'checksum-differs': { status: 422, title: 'The content has another checksum' },
  'unknown-template': { status: 422, title: 'No such template' },
  'unknown-tier': { status: 422, title: 'No such tier' },
  'resources-over-tier': { status: 422, title: 'More resources than the tier allows' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used for another request' },
  'internal-error': { status: 500, title: 'Something went wrong in the service' },
  'environment-not-running': { status: 503, title: 'The environment does not run' },
  'identity-provider-away': { status: 503, title: 'The identity provider cannot be used' },
  'engine-unavailable': { status: 503, title: 'The container engine cannot be used' },
  'database-busy': { status: 503, title: 'The database is in use' },
  'zip-unusable': { status: 409, title: 'The zip file cannot be restored' },
  'backup-repository-unusable': { status: 503, title: 'The repository of the backups cannot be used' },
  'drill-failed': { status: 503, title: 'A restored backup is not the lab that it should be' },
  'backup-damaged': { status: 503, title: 'The repository of the backups is damaged' },
  'not-started': { status: 503, title: 'The service cannot start yet' },
  'lab-not-ready': { status: 503, title: 'The lab is not ready' },
  'data-root-not-proven': { status: 503, title: 'The data root is not proven' },
  'user-folder-unusable': { status: 503, title: "The person's folder cannot be used" },
  'storage-full': { status: 507, title: 'Your storage is used up' },
  'folder-unusable': { status: 503, title: 'The folder cannot be used' },
  'no-room': { status: 507, title: 'There is no room left on the disk' },

  // Reasons of a failed environment; they never answer a request.
  'image-unavailable': { status: 422, title: 'The image is not available' },
  'engine-refused': { status: 422, title: 'The engine refused' },
  'port-taken': { status: 422, title: 'Its port is taken' },
  'environment-exited': { status: 422, title: 'The environment ended by itself' },
  'not-answering': { status: 503, title: 'The environment does not answer' },
  'not-ready-in-time': { status: 422, title: 'The environment did not get ready in time' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof problems

/** A wrong field, and a sentence. `pointer`: RFC 6901, into the body, the query or the headers; "" is the whole. */
export type FieldError = { pointer: string; detail: string }

/** The one error class of the service. `detail` is for everyone, `adminDetail` (host paths) for administrators only. */
export class Problem extends Error {
  override name = 'Problem'
  readonly code: ProblemCode
  readonly detail: string
  readonly adminDetail: string
  readonly errors: readonly FieldError[]
  readonly retryAfterSeconds: number | null

  constructor(
    code: ProblemCode,
    detail: string,
    options: {
      adminDetail?: string
      errors?: readonly FieldError[]
      retryAfterSeconds?: number
      cause?: unknown
    } = {},
  ) {
    super(`${code}: ${options.adminDetail ?? detail}`, { cause: options.cause })
    this.code = code
    this.detail = detail
    this.adminDetail = options.adminDetail ?? detail
    this.errors = options.errors ?? []
    this.retryAfterSeconds = options.retryAfterSeconds ?? ([429, 503].includes(problems[code].status) ? 5 : null)
  }
}

/** Whether an error is a problem with this code. */
export function isProblem(error: unknown, code: ProblemCode): error is Problem {
  return error instanceof Problem && error.code === code
}

/** Whether records cannot be written for now: the disk of the data root is full, or another program holds the database. */
export function isUnwritable(error: unknown): error is Problem {
  return isProblem(error, 'no-room') || isProblem(error, 'database-busy')
}
