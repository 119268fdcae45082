import { afterEach, expect, test, vi } from 'vitest'
import type { Parquet } from '../src/previews/parquet.ts'
import { parquetApart } from '../src/previews/parquet-apart.ts'
import type { FromWorker, ToWorker } from '../src/previews/parquet-worker.ts'
import { smallParquet } from './support/small-parquet.ts'

afterEach(() => vi.unstubAllGlobals())

const parquet: Parquet = { columns: [], allColumns: 0, rowCount: 7, rows: { fault: 'none' } }
const { signal } = new AbortController()

/** A worker that answers each message as the test says, or not at all. */
function workerThat(answer: (message: ToWorker) => FromWorker | null) {
  const worker = {
    onmessage: null as Worker['onmessage'],
    onerror: null as Worker['onerror'],
    isEnded: false,
    terminate() {
      worker.isEnded = true
    },
    postMessage(message: ToWorker) {
      const data = answer(message)
      if (data) queueMicrotask(() => worker.onmessage?.call(worker as never, { data } as MessageEvent))
    },
  }
  return worker
}

const asking = (message: ToWorker): FromWorker =>
  message.type === 'begin' ? { type: 'read', start: 2, end: 5 } : { type: 'parquet', parquet }

test('a worker gets the parts that it asks for, and is ended when it has read the file', async () => {
  const worker = workerThat(asking)
  const asked: number[] = []
  const read = async (start: number, end: number) => {
    asked.push(start, end)
    return new ArrayBuffer(end - start)
  }
  await expect(parquetApart(read, 10, signal, { worker })).resolves.toEqual(parquet)
  expect(asked).toEqual([2, 5])
  expect(worker.isEnded).toBe(true)
})

test('a worker that a lying file keeps busy is ended', async () => {
  const worker = workerThat(() => null)
  const reading = parquetApart(async () => new ArrayBuffer(0), 10, signal, { worker, atMostMs: 10 })
  await expect(reading).rejects.toThrow('took more than')
  expect(worker.isEnded).toBe(true)
})

test('what the service says about a part reaches the page as it is', async () => {
  const worker = workerThat(asking)
  const refusal = new Error('refused')
  await expect(parquetApart(() => Promise.reject(refusal), 10, signal, { worker })).rejects.toBe(refusal)
  expect(worker.isEnded).toBe(true)
})

test('a worker ends when its preview is left', async () => {
  const worker = workerThat(() => null)
  const left = new AbortController()
  const reading = parquetApart(async () => new ArrayBuffer(0), 10, left.signal, { worker })
  left.abort()
  await expect(reading).rejects.toThrow()
  expect(worker.isEnded).toBe(true)
})

test('the worker reads a file by the parts that the page sends', async () => {
  let toWorker: (event: { data: ToWorker }) => void = () => {}
  const worker = workerThat((data) => {
    toWorker({ data })
    return null
  })
  vi.stubGlobal('addEventListener', (_type: string, listener: typeof toWorker) => {
    toWorker = listener
  })
  vi.stubGlobal('postMessage', (data: FromWorker) => worker.onmessage?.call(worker as never, { data } as MessageEvent))
  await import('../src/previews/parquet-worker.ts')
  const read = async (start: number, end: number) => smallParquet.slice(start, end)
  await expect(parquetApart(read, smallParquet.byteLength, signal, { worker })).resolves.toMatchObject({
    rowCount: 3,
    columns: [{ name: 'station' }, { name: 'mm' }, { name: 'at' }],
    rows: { rows: { length: 3 } },
  })
  const noParquet = async (start: number, end: number) => new ArrayBuffer(end - start)
  await expect(parquetApart(noParquet, 100, signal, { worker })).rejects.toThrow('parquet')
})
