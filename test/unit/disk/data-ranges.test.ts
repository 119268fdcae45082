import { writeSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dataRanges, union } from '../../../src/disk/data-ranges.ts'

// Trouble (files): a file of millions of parts and holes takes the memory of the service when it is copied
test('of a file of many parts the first 10,000 are told one by one, and the rest as one', async () => {
  const place = await mkdtemp(join(tmpdir(), 'ai-lab-parts-'))
  try {
    await using handle = await open(join(place, 'file'), 'w+')
    const part = Buffer.alloc(4096, 'x')
    for (let at = 0; at < 12_000; at += 1) writeSync(handle.fd, part, 0, part.length, at * 8192)
    const stats = await handle.stat({ bigint: true })
    const ranges = await dataRanges({ handle, stats, [Symbol.asyncDispose]: async () => {} })
    expect(ranges).toHaveLength(10_001)
    expect(ranges[9_999]).toEqual({ start: 9_999 * 8192, end: 9_999 * 8192 + 4096 })
    expect(ranges.at(-1)).toEqual({ start: 10_000 * 8192, end: Number(stats.size) })
  } finally {
    await rm(place, { recursive: true })
  }
})

test('union joins the data ranges of two files', () => {
  const range = (start: number, end: number) => ({ start, end })
  expect(union([], [])).toEqual([])
  expect(union([range(0, 4), range(20, 30)], [range(2, 10), range(10, 12), range(40, 50)])).toEqual([
    range(0, 12),
    range(20, 30),
    range(40, 50),
  ])
})
