/** Pages of a folder with 200,000 files, beside what the kernel alone takes to give their names. */
import { execFile } from 'node:child_process'
import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Figure, write } from './figures.ts'
import { median } from './statistics.ts'
import { until } from './until.ts'

const execute = promisify(execFile)
const manyFiles = 200_000
const rounds = 7
const settledMs = 2_500
const target = { atMost: 100 }

type Page = { next_cursor: string | null }

/** `folder`: where to make it; `url` and `headers`: how to list it. The service has core 0. */
export async function ofLargeFolder(folder: string, url: string, headers: string[]): Promise<Figure[]> {
  await execute('python3', ['-c', making, folder, String(manyFiles)])
  const list = async (cursor: string | null) => {
    const query = cursor === null ? '' : `?cursor=${cursor}`
    const { stdout } = await execute('curl', ['-sf', '-w', '\n%{time_total}', ...headers, url + query])
    const [page = '', seconds] = stdout.split('\n')
    return { ms: Number(seconds) * 1_000, cursor: (JSON.parse(page) as Page).next_cursor }
  }
  await list(null)
  const seen = { kernel: [] as number[], first: [] as number[], again: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    await change(folder)
    seen.first.push((await list(null)).ms)
    seen.kernel.push(await bareReading(folder))
  }
  const changedMs = (await stat(folder)).ctimeMs
  await until('the folder has settled', async () => Date.now() > changedMs + settledMs)
  let { cursor } = await list(null)
  for (let round = 0; round < rounds; round++) {
    seen.again.push((await list(null)).ms)
    const page = await list(cursor)
    seen.again.push(page.ms)
    cursor = page.cursor
  }
  const kernel = `the kernel alone takes ${write.ms(median(seen.kernel))}`
  const name = `first page of ${manyFiles.toLocaleString('en')} files, looked at for the first time`
  return [
    { name, value: median(seen.first), write: write.ms, target, remark: kernel },
    { name: '… again, and the next pages', value: median(seen.again), write: write.ms, target },
  ]
}

const making = `
import os, sys
os.makedirs(sys.argv[1])
os.chdir(sys.argv[1])
for n in range(int(sys.argv[2])): open(f"{n:06d}.txt", "w").close()`

/** After a change nothing that the service knows of the folder counts any more. */
async function change(folder: string): Promise<void> {
  await writeFile(join(folder, 'other'), '')
  await rm(join(folder, 'other'))
}

/** The milliseconds that Python takes to read the names, one after the other, on the core of the service. */
async function bareReading(folder: string): Promise<number> {
  const { stdout } = await execute('taskset', ['-c', '0', 'python3', '-c', reading, folder])
  return Number(stdout)
}

const reading = `
import os, sys, time
began = time.perf_counter()
with os.scandir(sys.argv[1]) as entries:
    for _ in entries: pass
print((time.perf_counter() - began) * 1000)`
