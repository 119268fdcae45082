import { writeSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dataRanges } from '../../../src/disk/data-ranges.ts'

// Trouble (files): a file of millions of parts and holes takes the memory of the service, or days, when it is copied
test('of a file of many parts all are told, 10,000 at a time, and no hole counts as data', async () => {
  const place = await mkdtemp(join(tmpdir(), 'ai-lab-parts-'))
  try {
    await using handle = await open(join(place, 'file'), 'w+')
    const part = Buffer.alloc(4096, 'x')
    for (let at = 0; at < 12_000; at += 1) writeSync(handle.fd, part, 0, part.length, at * 8192)
    await handle.truncate(2 ** 40)
    const opened = async () => ({
      handle,
      stats: await handle.stat({ bigint: true }),
      [Symbol.asyncDispose]: async () => {},
    })
    const batches = await Array.fromAsync(dataRanges(await opened()))
    expect(batches.map(({ length }) => length)).toEqual([10_000, 2_000])
    const starts = Array.from({ length: 12_000 }, (_, at) => at * 8192)
    expect(batches.flat()).toEqual(starts.map((start) => ({ start, end: start + 4096 })))
    // Its owner goes on writing once it is open.
    await handle.truncate(4_096 * 8192)
    const short = await opened()
    for (let at = 4_096; at < 16_000; at += 1) writeSync(handle.fd, part, 0, part.length, at * 8192)
    expect((await Array.fromAsync(dataRanges(short))).flat()).toEqual(batches.flat().slice(0, 4_096))
  } finally {
    await rm(place, { recursive: true })
  }
})
