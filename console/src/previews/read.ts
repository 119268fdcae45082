import { answerTo } from '../api/call.ts'
import { apiPathOf, type Place } from '../files/place.ts'

/** A part of a file, from `start` up to before `end`. @throws Refusal, Unreachable */
export async function readPart(place: Place, start: number, end: number, signal?: AbortSignal): Promise<ArrayBuffer> {
  const response = await answerTo('GET', apiPathOf(place), {
    headers: { range: `bytes=${start}-${end - 1}` },
    ...(signal && { signal }),
  })
  if (response.status !== 206) {
    await response.body?.cancel()
    throw new Error('The service did not send the part of the file that was asked for.')
  }
  return await response.arrayBuffer()
}
