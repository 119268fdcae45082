import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import * as tus from 'tus-js-client'
import { demandedSha256 } from '../domain/files/digest.ts'
import { randomUUID } from '../lib/random.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { createSha256 } from '../lib/sha256.ts'
import type { ServiceClient } from '../ports/service-client.ts'

const askLimitMs = 90_000
const retryDelaysMs = [500, 2_000, 5_000, 10_000, 20_000]

/** Speaks to a service at `url` with a token. Uploads that were broken off are noted in `~/.cache/ailab`. */
export function createServiceClient({ url, token }: { url: string; token: string }): ServiceClient {
  const headers = { authorization: `Bearer ${token}` }

  async function request(path: string, init: RequestInit): Promise<Response> {
    const response = await fetch(`${url}${path}`, { ...init, headers: { ...headers, ...init.headers } }).catch(
      (error) => {
        if (error.name === 'Error') throw error // the reason of who broke it off, such as Ctrl-C
        throw new Error(`The service at ${url} does not answer (${reasonOf(error.cause ?? error)}).`, { cause: error })
      },
    )
    if (!response.ok) throw new Error(wordsIn(await response.text(), response.status))
    return response
  }

  return {
    async ask(method, path, { signal, body, wait }) {
      const response = await request(path, {
        method,
        signal: AbortSignal.any([signal, AbortSignal.timeout(askLimitMs)]),
        headers: { 'content-type': 'application/json', ...(wait && { prefer: `wait=${wait}` }) },
        ...(body && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return text === '' ? null : JSON.parse(text)
    },

    async upload(file, to, { signal, tell }) {
      const { size, mtimeMs } = await stat(file).catch((error: unknown) => {
        throw new Error(`${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
      })
      const storage = await noted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const upload = new tus.Upload(createReadStream(file), {
        endpoint: `${url}/api/uploads`,
        headers,
        metadata: { to },
        retryDelays: retryDelaysMs,
        urlStorage: storage,
        fingerprint: async () => [url, to, file, size, mtimeMs].join(' '),
        removeFingerprintOnSuccess: true,
        uploadSize: size,
        onProgress: tell,
        onSuccess: () => resolve(),
        onError: (error) => reject(new Error(wordsOf(error), { cause: error })),
      })
      signal.addEventListener('abort', () => void upload.abort().then(() => reject(signal.reason)), { once: true })
      const [earlier] = await upload.findPreviousUploads()
      if (earlier) upload.resumeFromPreviousUpload(earlier)
      upload.start()
      await promise
    },

    async download(path, file, { signal, tell }) {
      const response = await request(path, { method: 'GET', signal, headers: { 'want-repr-digest': 'sha-256=1' } })
      const length = response.headers.get('content-length')
      const total = length === null ? null : Number(length) // an archive has none: its end tells that it is whole
      const digest = demandedSha256(response.headers.get('repr-digest') ?? undefined)
      const sum = digest === undefined ? null : createSha256()
      const draft = `${file}.${randomUUID()}`
      try {
        let done = 0
        await using handle = await open(draft, 'wx')
        for await (const piece of response.body ?? []) {
          await handle.writeFile(piece)
          sum?.update(piece)
          done += piece.length
          tell(done, total)
        }
        if (total !== null && done !== total) {
          throw new Error(`The connection broke off after ${done} of ${total} bytes.`)
        }
        if (sum && sum.digest('hex') !== digest) throw new Error('What arrived has another checksum: try again.')
        await rename(draft, file)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
    },
  }
}

// Its types leave out what it has for Node alone.
const { FileUrlStorage } = tus as unknown as { FileUrlStorage: new (file: string) => tus.UrlStorage }

async function noted(): Promise<tus.UrlStorage> {
  const folder = join(homedir(), '.cache/ailab')
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    const words = `Cannot note the upload in ${folder} (${reasonOf(error)}). Set HOME to a folder that you may write to.`
    throw new Error(words, { cause: error })
  }
  return new FileUrlStorage(join(folder, 'uploads.json'))
}

function wordsOf(error: Error): string {
  const answer = error instanceof tus.DetailedError ? error.originalResponse : null
  return answer ? wordsIn(answer.getBody(), answer.getStatus()) : error.message
}

/** The sentence of a problem; for any other answer its status. */
function wordsIn(text: string, status: number): string {
  try {
    const { detail, errors = [] } = JSON.parse(text) as { detail?: string; errors?: { detail: string }[] }
    if (detail) return [detail, ...errors.map((each) => each.detail).filter((each) => !detail.includes(each))].join(' ')
  } catch {
    // no JSON: the status says what there is to say
  }
  return `The service answered ${status}.`
}
