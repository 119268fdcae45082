import { afterEach, beforeEach, expect, test, vi } from 'vitest'

/** Stands in for a browser's EventSource. */
class Source extends EventTarget {
  static readonly CLOSED = 2
  static made: Source[] = []
  readyState = 0
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  constructor() {
    super()
    Source.made.push(this)
  }
  opens(): void {
    this.readyState = 1
    this.onopen?.()
  }
  tells(name: string, data = ''): void {
    this.dispatchEvent(Object.assign(new Event(name), { data }))
  }
  /** `isOver`: the answer was no stream, so that the browser does not ask again. */
  breaks({ isOver }: { isOver: boolean }): void {
    this.readyState = isOver ? Source.CLOSED : 0
    this.onerror?.()
  }
  close(): void {
    this.readyState = Source.CLOSED
  }
}

const page = Object.assign(new EventTarget(), { baseURI: 'http://localhost/console/', hidden: false })
vi.stubGlobal('document', page)
vi.stubGlobal('EventSource', Source)
const { followStream } = await import('../src/api/follow-stream.ts')
const { noteSignedOut } = await import('../src/api/signed-out.ts')

const newest = () => Source.made.at(-1) as Source
const open = () => Source.made.filter(({ readyState }) => readyState !== Source.CLOSED)

function hide(hidden: boolean): void {
  page.hidden = hidden
  page.dispatchEvent(new Event('visibilitychange'))
}

let happened: string[]
function follow(isEndless = true): () => void {
  return followStream('events', {
    handlers: { line: (data) => happened.push(data) },
    isEndless,
    onOpen: () => happened.push('open'),
    onLost: () => happened.push('lost'),
    onHidden: () => happened.push('hidden'),
  })
}

beforeEach(() => {
  vi.useFakeTimers()
  happened = []
  Source.made = []
})
afterEach(() => {
  vi.useRealTimers()
  noteSignedOut(false)
  page.hidden = false
})

// Trouble (progress): a connection dies without a word, in a router or while the computer sleeps
test('a stream that is silent for 45 seconds is opened anew, and one that tells that it lives is not', () => {
  const stop = follow()
  newest().opens()
  vi.advanceTimersByTime(40_000)
  newest().tells('alive')
  vi.advanceTimersByTime(44_000)
  expect([Source.made.length, happened]).toEqual([1, ['open']])
  vi.advanceTimersByTime(1_000)
  expect([Source.made.length, open().length, happened]).toEqual([2, 1, ['open', 'lost']])
  stop()
})

test('events go to their handler, and count as signs of life', () => {
  const stop = follow()
  newest().opens()
  for (const data of ['a', 'b']) {
    vi.advanceTimersByTime(44_000)
    newest().tells('line', data)
  }
  vi.advanceTimersByTime(44_000)
  expect([Source.made.length, happened]).toEqual([1, ['open', 'a', 'b']])
  stop()
})

test('a proxy that keeps the answer back is told of after eight seconds', () => {
  const stop = follow()
  vi.advanceTimersByTime(8_000)
  expect(happened).toEqual(['lost'])
  stop()
})

test('the browser itself asks again after a broken connection; after an answer that is no stream, only an endless stream does', () => {
  for (const isEndless of [true, false]) {
    Source.made = []
    const stop = follow(isEndless)
    newest().breaks({ isOver: false })
    vi.advanceTimersByTime(60_000)
    expect(Source.made.length).toBe(1)
    newest().breaks({ isOver: true })
    vi.advanceTimersByTime(3_000)
    expect(Source.made.length).toBe(isEndless ? 2 : 1)
    stop()
  }
})

test('a hidden page follows nothing, and a page that is left opens nothing more', () => {
  page.hidden = true
  const stop = follow()
  expect(Source.made).toEqual([])
  happened = []
  hide(false)
  newest().opens()
  hide(true)
  vi.advanceTimersByTime(600_000)
  expect([Source.made.length, open(), happened]).toEqual([1, [], ['open', 'hidden']])
  hide(false)
  expect([Source.made.length, open().length]).toEqual([2, 1])
  stop()
  hide(false)
  vi.advanceTimersByTime(600_000)
  expect([Source.made.length, open()]).toEqual([2, []])
})

test('nothing is asked for while nobody is signed in', () => {
  noteSignedOut(true)
  const stop = follow()
  vi.advanceTimersByTime(30_000)
  expect(Source.made).toEqual([])
  noteSignedOut(false)
  vi.advanceTimersByTime(3_000)
  expect(Source.made.length).toBe(1)
  stop()
})
