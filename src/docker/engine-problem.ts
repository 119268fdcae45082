import { Problem } from '../domain/problem.ts'
import { TimeLimitError } from '../lib/time-limit.ts'
import { tlsAdvice } from './tls-advice.ts'

type Kind = 'image-unavailable' | 'data-root-not-proven' | 'no-room' | 'port-taken' | 'engine-refused'

const full = /no space left on device|disk quota exceeded/i

/** The meaning of the engine's words, whatever the status: engines answer 400, 404 and 500 for the same thing. First match. */
const meanings: [RegExp, Kind][] = [
  [/bind source path does not exist/, 'data-root-not-proven'],
  [full, 'no-room'],
  [/no such image|pull access denied|manifest unknown|invalid reference format/i, 'image-unavailable'],
  [/port is already allocated|address already in use/, 'port-taken'],
  [
    /OCI runtime|failed to create (shim )?task|external connectivity|device driver|address pool|is not paused/i,
    'engine-refused',
  ],
  // A power cut can destroy a container's own files. Then this container cannot start, but the engine works.
  [/\/overlay2\/.*no such file or directory|layer does not exist/i, 'engine-refused'],
]

/**
 * An error of a call as a Problem. `doing` completes "could not …". If the engine does not answer, or answers 5xx with
 * words that are not about the request, it is unavailable: then nothing is known about the container. `advice` says what to
 * do about an engine that cannot be reached, if somebody knows better than the words here.
 */
export function engineProblem(error: unknown, doing: string, advice: string | null = null): Problem {
  if (error instanceof Problem) return error
  const status = httpStatusOf(error)
  const words = engineWords(error)
  if (status === null) return unreachable(error, { doing, words, advice })
  if (/HTTP request to an HTTPS server/.test(words)) return unavailable(plainDetail(doing), plainAdvice, error)
  const meaning = meanings.find(([pattern]) => pattern.test(words))?.[1]
  const kind = meaning ?? (status < 500 ? 'engine-refused' : null)
  if (kind === null) return unavailable(`The container engine failed when asked to ${withoutIds(doing)}.`, words, error)
  const detail = detailOf(kind, doing, words)
  const adminDetail = kind === 'port-taken' ? `${detail} The engine's words: ${words}` : `Could not ${doing}: ${words}`
  return new Problem(kind, detail, { adminDetail, cause: error })
}

/** Whether the words say that the engine's disk takes no more. */
export function sayFull(words: string): boolean {
  return full.test(words)
}

/** The engine's own words, without the wrapping of the client and of the runtimes below the engine. */
export function engineWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message
    .trim()
    .replace(/^\(HTTP code \d+\) .*? - /s, '')
    .replace(/^.*unable to start container process: /s, '')
    .replace(/: unknown$/, '')
}

/** The HTTP status behind an error, also behind a Problem made from it; null if there was no answer. */
export function httpStatusOf(error: unknown): number | null {
  const cause = error instanceof Problem ? error.cause : error
  return cause instanceof Error && 'statusCode' in cause && typeof cause.statusCode === 'number'
    ? cause.statusCode
    : null
}

/** Whether the service may not open the engine's socket. */
export function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM')
}

const joinGroup =
  'Add that user to the group that owns the socket (usually "docker": usermod -aG docker <user>) and start the service again.'

type Unreached = { doing: string; words: string; advice: string | null }

function unreachable(error: unknown, { doing, words, advice: given }: Unreached): Problem {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (isForbidden(error)) {
    const detail = `The service may not use the container engine, so it could not ${withoutIds(doing)}.`
    return unavailable(
      detail,
      `The user that the service runs as may not open the engine's socket (${words}). ${given ?? joinGroup}`,
      error,
    )
  }
  const advice = typeof code === 'string' ? tlsAdvice(code) : null
  const detail =
    error instanceof TimeLimitError ? 'The container engine took too long' : 'The container engine does not answer'
  return unavailable(`${detail}: could not ${withoutIds(doing)}.`, advice ? `${advice} (${words})` : words, error)
}

const plainAdvice =
  'It listens for TLS there. Set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem.'

function plainDetail(doing: string): string {
  return `The container engine was not asked over TLS, so it could not be asked to ${withoutIds(doing)}.`
}

function unavailable(detail: string, words: string, cause: unknown): Problem {
  return new Problem('engine-unavailable', detail, { adminDetail: `${detail} ${words}`, cause })
}

function detailOf(kind: Kind, task: string, words: string): string {
  const doing = withoutIds(task)
  switch (kind) {
    case 'data-root-not-proven':
      return `Could not ${doing}: a folder of the data root is not where the engine looks for it.`
    case 'no-room':
      return `Could not ${doing}: there is no room left on the engine's disk.`
    case 'port-taken':
      return `Could not ${doing}: its port${portIn(words)} is taken by something else on the machine. Free it and start again, or recreate the environment: it gets another port, and a new URL.`
    default:
      return `Could not ${doing}: ${namesHostPath(words) ? "the engine's words are for administrators" : withoutIds(words)}.`
  }
}

function withoutIds(words: string): string {
  return words.replace(/ \(?\b[0-9a-f]{64}\b\)?/g, '')
}

/** The number of a port in the engine's words, with a blank before it. */
function portIn(words: string): string {
  const port = /(?:Bind for|listen tcp4?|host port(?: for)?) \S*?:(\d+)/.exec(words)?.[1]
  return port ? ` ${port}` : ''
}

/** Errors about mounts and layers name paths of the host, which are not for everyone. */
function namesHostPath(words: string): boolean {
  return /\bmount|rootfs|overlay|\/var\/lib\//i.test(words)
}
