import { describe, expect, test } from 'vitest'
import { createProgressLine, percentDone, progressInWords } from '../../../src/commands/progress-line.ts'
import { durationInWords } from '../../../src/commands/words.ts'

const GiB = 2 ** 30

describe('the words of progress:', () => {
  test('the words say how much is done, how fast, and how long the rest will take', () => {
    const words = progressInWords({ files: 500, bytes: GiB }, { files: 1000, bytes: 4 * GiB }, 60_000)
    expect(words).toBe('500 of 1,000 files, 1 GiB of 4 GiB, 17 MiB/s, 3 min left')
  })

  test('the words promise nothing in the first second', () => {
    expect(progressInWords({ files: 1, bytes: 1 }, { files: 2, bytes: 2 }, 900)).toBe('1 of 2 files, 1 B of 2 B')
  })

  test('the words go by the number of files if they are all small', () => {
    const words = progressInWords({ files: 10, bytes: 0 }, { files: 100, bytes: 0 }, 10_000)
    expect(words).toBe('10 of 100 files, 0 B of 0 B, 0 B/s, 90 s left')
  })
})

describe('the line of progress:', () => {
  function drawn(isTTY: boolean, timesMs: number[]): string[] {
    let now = 0
    const written: string[] = []
    const line = createProgressLine({ isTTY, columns: 10, write: (text) => written.push(text) }, () => now)
    for (const time of timesMs) {
      now = time
      line.update(() => ({ words: `at ${time} in many words`, percent: null }))
    }
    line.end()
    return written
  }

  test('the line is drawn again on a terminal, no wider than the terminal, and erased at the end', () => {
    expect(drawn(true, [100, 150, 250])).toEqual(['\r\x1b[Kat 100 in', '\r\x1b[Kat 250 in', '\r\x1b[K'])
  })

  test('without a terminal there is a line every ten seconds', () => {
    expect(drawn(false, [100, 9_999, 10_000, 19_000, 20_000])).toEqual([
      'at 10000 in many words\n',
      'at 20000 in many words\n',
    ])
  })
})

describe('the bar of progress:', () => {
  function shown(columns: number, percent: number | null, isTTY = true): string {
    const written: string[] = []
    let now = 0
    const line = createProgressLine({ isTTY, columns, write: (text) => written.push(text) }, () => now)
    now = 10_000
    line.update(() => ({ words: 'Copy a to b', percent }))
    return written.join('').replace('\r\x1b[K', '')
  }

  test.each([
    [0, '[--------------------]   0 %  Copy a to b'],
    [1, '[--------------------]   1 %  Copy a to b'],
    [45, '[#########-----------]  45 %  Copy a to b'],
    [99, '[###################-]  99 %  Copy a to b'],
    [100, '[####################] 100 %  Copy a to b'],
  ])('at %d %% a terminal shows %j', (percent, line) => expect(shown(80, percent)).toBe(line))

  test('there is none as long as the share is not known', () => expect(shown(80, null)).toBe('Copy a to b'))

  test('a narrow terminal has room for the number alone', () => {
    expect(shown(59, 45)).toBe(' 45 %  Copy a to b')
    expect(shown(12, 45)).toBe(' 45 %  Copy')
  })

  test('elsewhere there is only the number', () => expect(shown(80, 45, false)).toBe('45 %  Copy a to b\n'))
})

test('files and bytes alike count for the share that is done', () => {
  expect(percentDone({ files: 50, bytes: 0 }, { files: 100, bytes: 0 })).toBe(50)
  expect(percentDone({ files: 1, bytes: GiB }, { files: 2, bytes: 2 * GiB })).toBe(50)
  expect(percentDone({ files: 100, bytes: 3 * GiB }, { files: 100, bytes: 2 * GiB })).toBe(100)
  expect(percentDone({ files: 0, bytes: 0 }, { files: 0, bytes: 0 })).toBeNull()
})

test.each([
  [10, '1 s'],
  [99_000, '99 s'],
  [600_000, '10 min'],
  [12_000_000, '3 h 20 min'],
])('%d ms are %s', (ms, words) => expect(durationInWords(ms)).toBe(words))
