import type { Parquet } from './parquet.ts'
import type { FromWorker, ToWorker } from './parquet-worker.ts'

type Read = (start: number, end: number) => Promise<ArrayBuffer>
type Apart = Pick<Worker, 'onmessage' | 'onerror' | 'terminate'> & {
  postMessage(message: ToWorker, transfer?: Transferable[]): void
}

const limitMs = 10_000

const newWorker = (): Apart => new Worker(new URL('./parquet-worker.ts', import.meta.url), { type: 'module' })

/**
 * Reads a parquet file beside the page: its counts may lie, and a worker that takes them at their word can be ended.
 * The page fetches the parts, with its own errors. @throws what `read` throws; Error if the file is no good
 */
export async function parquetApart(
  read: Read,
  sizeBytes: number,
  signal: AbortSignal,
  { worker = newWorker(), atMostMs = limitMs } = {},
): Promise<Parquet> {
  const { promise, resolve, reject } = Promise.withResolvers<Parquet>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  let timer: ReturnType<typeof setTimeout> | undefined
  // Only the worker's own time counts, not that of the network.
  const say = (message: ToWorker, transfer: Transferable[] = []) => {
    timer = setTimeout(() => reject(new Error(`reading it took more than ${atMostMs / 1_000} seconds.`)), atMostMs)
    worker.postMessage(message, transfer)
  }
  worker.onerror = ({ message }) => reject(new Error(message || 'the browser could not read it.'))
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    clearTimeout(timer)
    if (data.type === 'parquet') resolve(data.parquet)
    else if (data.type === 'fault') reject(new Error(data.fault))
    else read(data.start, data.end).then((bytes) => say({ type: 'part', bytes }, [bytes]), reject)
  }
  try {
    signal.throwIfAborted()
    say({ type: 'begin', sizeBytes })
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    worker.terminate()
  }
}
