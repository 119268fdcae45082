import { answerTo, Refusal } from '../api/call.ts'
import { refreshEntry } from '../api/files.ts'
import { queryClient } from '../api/query-client.ts'
import { apiPathOf, rootKey } from '../files/place.ts'
import type { PreviewProps } from './preview.tsx'

/** So long a file counts as one that is being written: it is shown as it is, or its page would be read again and again. */
const changingMs = 2_000
const changedAt = new Map<string, number>()

/**
 * A part of a file, from `start` up to before `end`. All parts are of the content that the entry tells of; where it has
 * changed, its page is read anew. @throws Refusal, Unreachable
 */
export async function readPart(
  { place, entry }: Pick<PreviewProps, 'place' | 'entry'>,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<ArrayBuffer> {
  const key = `${rootKey(place.root)}/${place.path}`
  const isChanging = Date.now() - (changedAt.get(key) ?? 0) < changingMs
  const response = await answerTo('GET', apiPathOf(place), {
    headers: { range: `bytes=${start}-${end - 1}`, ...(!isChanging && { 'if-match': entry.etag }) },
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (error instanceof Refusal && error.status === 412) {
      changedAt.set(key, Date.now())
      refreshEntry(queryClient, place)
    }
    throw error
  })
  if (response.status !== 206) {
    await response.body?.cancel()
    throw new Error('The service did not send the part of the file that was asked for.')
  }
  return await response.arrayBuffer()
}
