import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyContent } from '../../../src/disk/content.ts'

// Trouble (files): a copy of a sparse file counts the holes that it had to read, and ends with storage-full
test('a hole that a copy has to read is neither written nor told', async () => {
  const place = await mkdtemp(join(tmpdir(), 'ai-lab-content-'))
  try {
    await using from = await open(join(place, 'from'), 'w+')
    await using to = await open(join(place, 'to'), 'w+')
    const sizeBytes = 2 ** 26
    await from.write(Buffer.alloc(2 ** 16, 'x'), 0, 2 ** 16, 2 ** 25)
    await from.truncate(sizeBytes)
    let told = 0
    await copyContent(from, to, { ranges: [{ start: 0, end: sizeBytes }], sizeBytes, sparse: true }, (bytes) => {
      told += bytes
    })
    expect(told).toBe(2 ** 16)
    const { size, blocks } = await stat(join(place, 'to'))
    expect([size, blocks * 512 < 2 ** 18]).toEqual([sizeBytes, true])
  } finally {
    await rm(place, { recursive: true })
  }
})
