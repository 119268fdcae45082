/** Archives beyond the limits of the first zip format, as unzip and Python read them. */
import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createZipWriter } from '../../src/disk/trees/zip-writer.ts'

let folder: string
let file: string
let at: number
let output: number
beforeEach(async () => {
  folder = await mkdtemp('/dev/shm/ai-lab-zip-')
  file = join(folder, 'archive.zip')
  output = openSync(file, 'w')
  at = 0
})
afterEach(() => rm(folder, { recursive: true }))

const zeros = Buffer.alloc(2 ** 26)

/** Zeros become a hole of the file. */
function write(bytes: Buffer): void {
  if (bytes !== zeros) writeSync(output, bytes, 0, bytes.length, at)
  at += bytes.length
}

function end(zip: ReturnType<typeof createZipWriter>): void {
  zip.end()
  ftruncateSync(output, at)
  closeSync(output)
}

const entry = (path: string) => ({ path, mode: 0o100644, mtime: 1_000_000_000 })

test('a file of more than 4 GiB, and one after it, are read whole', async () => {
  const zip = createZipWriter(write)
  const pieces = Array.from({ length: 65 }, () => zeros)
  await zip.addPieces(entry('long'), streamOf(pieces), 65 * 2 ** 26)
  zip.add(entry('after'), Buffer.from('after'))
  end(zip)
  expect(execFileSync('unzip', ['-p', file, 'after'], { encoding: 'utf8' })).toBe('after')
  const script = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    print([(each.filename, each.file_size) for each in archive.infolist()], archive.read("after"))`
  expect(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' })).toBe(
    `[('long', ${65 * 2 ** 26}), ('after', 5)] b'after'\n`,
  )
}, 120_000)

test('more than 65,535 entries are all there', () => {
  const zip = createZipWriter(write)
  for (let number = 0; number < 70_001; number += 1) zip.add(entry(`${number}`), Buffer.from(`${number}`))
  end(zip)
  expect(execFileSync('unzip', ['-p', file, '70000'], { encoding: 'utf8' })).toBe('70000')
  expect(execFileSync('unzip', ['-Z', '-t', file], { encoding: 'utf8' })).toContain('70001 files')
}, 60_000)

async function* streamOf(pieces: Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces
}

// Trouble (files): a folder with so many long paths that the list of its archive would fill the memory
test('an archive whose list would take more than 256 MiB ends', () => {
  const writer = createZipWriter(() => {})
  const path = 'x'.repeat(60_000)
  const addAll = () => {
    for (let at = 0; at < 4_600; at += 1)
      writer.add({ path: `${path}${at}`, mode: 0o100644, mtime: 0 }, Buffer.alloc(0))
  }
  expect(addAll).toThrow('the list of the archive takes more than 256 MiB')
})
