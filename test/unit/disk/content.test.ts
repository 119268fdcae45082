import { writeSync } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyContent, sameContent } from '../../../src/disk/content.ts'
import { dataRanges } from '../../../src/disk/data-ranges.ts'
import type { OpenFile } from '../../../src/disk/folder.ts'

const opened = async (handle: FileHandle): Promise<OpenFile> => ({
  handle,
  stats: await handle.stat({ bigint: true }),
  [Symbol.asyncDispose]: async () => {},
})

// Trouble (files): a copy of a sparse file counts the holes that it had to read, and ends with storage-full
test('a hole that a copy has to read is neither written nor told', async () => {
  const place = await mkdtemp(join(tmpdir(), 'ai-lab-content-'))
  try {
    await using from = await open(join(place, 'from'), 'w+')
    await using to = await open(join(place, 'to'), 'w+')
    const sizeBytes = 2 ** 26
    await from.write(Buffer.alloc(2 ** 16, 'x'), 0, 2 ** 16, 2 ** 25)
    await from.truncate(sizeBytes)
    await to.truncate(sizeBytes)
    let told = 0
    await copyContent(from, to, { ranges: [{ start: 0, end: sizeBytes }], sparse: true }, (bytes) => {
      told += bytes
    })
    expect(told).toBe(2 ** 16)
    const { size, blocks } = await stat(join(place, 'to'))
    expect([size, blocks * 512 < 2 ** 18]).toEqual([sizeBytes, true])
  } finally {
    await rm(place, { recursive: true })
  }
})

test('a file of 12,000 parts and a terabyte of holes is copied to its last part', async () => {
  const place = await mkdtemp(join(tmpdir(), 'ai-lab-content-'))
  try {
    await using from = await open(join(place, 'from'), 'w+')
    await using to = await open(join(place, 'to'), 'w+')
    for (let at = 0; at < 12_000; at += 1) writeSync(from.fd, Buffer.alloc(4096, `${at}|`), 0, 4096, at * 8192)
    for (const file of [from, to]) await file.truncate(2 ** 40)
    let told = 0
    for await (const ranges of dataRanges(await opened(from))) {
      await copyContent(from, to, { ranges, sparse: true }, (bytes) => {
        told += bytes
      })
    }
    expect(told).toBe(12_000 * 4096)
    for (const at of [0, 9_999, 10_000, 11_999]) {
      const { buffer } = await to.read(Buffer.alloc(8192), 0, 8192, at * 8192)
      expect(buffer).toEqual(Buffer.concat([Buffer.alloc(4096, `${at}|`), Buffer.alloc(4096)]))
    }
  } finally {
    await rm(place, { recursive: true })
  }
})

test('two sparse files differ by a byte where both hold data, and where only one of them does', async () => {
  const place = await mkdtemp(join(tmpdir(), 'ai-lab-content-'))
  try {
    await using one = await open(join(place, 'one'), 'w+')
    await using other = await open(join(place, 'other'), 'w+')
    for (const file of [one, other]) {
      await file.truncate(2 ** 40)
      await file.write('data', 2 ** 30)
    }
    const isSame = async (...[a, b]: [FileHandle, FileHandle]) => await sameContent(await opened(a), await opened(b))
    expect(await isSame(one, other)).toBe(true)
    for (const at of [2 ** 30, 2 ** 39]) {
      const { buffer } = await other.read(Buffer.alloc(1), 0, 1, at)
      await other.write('?', at)
      expect([await isSame(one, other), await isSame(other, one)]).toEqual([false, false])
      await other.write(buffer, 0, 1, at)
    }
    expect(await isSame(one, other)).toBe(true) // one has zeros where the other has a hole
  } finally {
    await rm(place, { recursive: true })
  }
})
