import { whileHeld } from '../lib/while-held.ts'
import type { LogLine, OnOutput } from '../ports/engine.ts'

type Frame = { stream: LogLine['stream']; payload: Uint8Array }

const headerBytes = 8
const longestLine = 64 * 1024

/**
 * The lines in the engine's multiplexed log stream. Frames and chunks may break anywhere, even inside a character. A line
 * of more than 64 Ki characters comes in pieces, so that output without line breaks cannot fill the memory. `onOutput` gets what would
 * be lines of `stdout`, as bytes; when the signal aborts, nobody waits for it any longer.
 */
export async function* logLines(
  chunks: AsyncIterable<Uint8Array>,
  { onOutput, signal }: { onOutput?: OnOutput; signal?: AbortSignal | undefined } = {},
): AsyncGenerator<LogLine> {
  const parts = { stdout: { decoder: new TextDecoder(), rest: '' }, stderr: { decoder: new TextDecoder(), rest: '' } }
  for await (const { stream, payload } of frames(chunks)) {
    if (onOutput && stream === 'stdout') {
      await (signal ? whileHeld(onOutput(payload), signal) : onOutput(payload))
      continue
    }
    const part = parts[stream]
    const lines = (part.rest + part.decoder.decode(payload, { stream: true })).split('\n')
    part.rest = lines.pop() ?? ''
    for (const line of lines) yield { stream, text: line.replace(/\r$/, '') }
    if (part.rest.length < longestLine) continue
    yield { stream, text: part.rest }
    part.rest = ''
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    if (parts[stream].rest !== '') yield { stream, text: parts[stream].rest }
  }
}

/**
 * A frame has one byte for the stream (1 stdout, 2 stderr), three zero bytes, four bytes for the length, then the payload,
 * which is yielded as it comes. A container with a terminal has no frames: the whole stream is its output.
 */
async function* frames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let buffered = Buffer.alloc(0)
  let stream: Frame['stream'] = 'stdout'
  let left: number | null = null
  for await (const chunk of chunks) {
    buffered = buffered.length === 0 ? Buffer.from(chunk) : Buffer.concat([buffered, chunk])
    left ??= beginsFrame(buffered) ? 0 : Number.POSITIVE_INFINITY
    while (left > 0 ? buffered.length > 0 : buffered.length >= headerBytes) {
      if (left === 0) {
        stream = buffered[0] === 2 ? 'stderr' : 'stdout'
        left = buffered.readUInt32BE(4)
        buffered = buffered.subarray(headerBytes)
      }
      const payload = buffered.subarray(0, left)
      if (payload.length > 0) yield { stream, payload }
      left -= payload.length
      buffered = buffered.subarray(payload.length)
    }
  }
}

/** No text begins like a frame: if the stream does not begin so either, it has no frames at all. */
function beginsFrame(stream: Buffer): boolean {
  return (stream[0] ?? 0) <= 2 && stream.subarray(1, 4).every((octet) => octet === 0)
}
