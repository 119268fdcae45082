/** The worker's side: it has no network of its own, and asks the page for one part of the file after the other. */
import { type Parquet, parquetOf } from './parquet.ts'

export type ToWorker = { type: 'begin'; sizeBytes: number } | { type: 'part'; bytes: ArrayBuffer }
export type FromWorker =
  | { type: 'read'; start: number; end: number }
  | { type: 'parquet'; parquet: Parquet }
  | { type: 'fault'; fault: string }

const tell = (message: FromWorker) => postMessage(message)

let onPart: (bytes: ArrayBuffer) => void = () => {}
let before: Promise<unknown> = Promise.resolve()

/** hyparquet asks for several parts at once; the page answers one at a time. */
function read(start: number, end: number): Promise<ArrayBuffer> {
  const part = before.then(() => {
    const { promise, resolve } = Promise.withResolvers<ArrayBuffer>()
    onPart = resolve
    tell({ type: 'read', start, end })
    return promise
  })
  before = part
  return part
}

async function begin(sizeBytes: number): Promise<void> {
  try {
    tell({ type: 'parquet', parquet: await parquetOf(read, sizeBytes) })
  } catch (error) {
    tell({ type: 'fault', fault: error instanceof Error ? error.message.slice(0, 300) : 'it is no parquet file.' })
  }
}

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'begin') void begin(data.sizeBytes)
  else onPart(data.bytes)
})
