// Uploads and downloads beside nginx on the same disk, in turns; memory while files are large; pages of a large folder.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serviceEnv } from '../../scripts/lib/service-env.ts'
import { ensureProxies } from '../../scripts/lib/tools.ts'
import { removeAllOf } from '../e2e/support/docker.ts'
import { freePort } from '../support/free-port.ts'
import { type Figure, printFigures, write } from './support/figures.ts'
import { ofLargeFolder } from './support/large-folder.ts'
import { peakMebibytes, startProgram } from './support/process.ts'
import { pin, startNginxFiles } from './support/proxies.ts'
import { runBench } from './support/run-bench.ts'
import { median } from './support/statistics.ts'
import { printNote } from './support/table.ts'
import { timed } from './support/until.ts'

const execute = promisify(execFile)
const rounds = 5
const mebibyte = 2 ** 20
const sizeMebibytes = 512
const largeGibibytes = 10

type Server = { url: string; headers: string[] }

await runBench('Files', async (signal) => {
  await ensureProxies(signal)
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const dataDir = join(folder, 'ai-lab-data')
  const port = await freePort()
  const env = { ...serviceEnv, DATA_DIR: dataDir }
  const { pid } = stack.use(await startProgram(process.execPath, ['src/main.ts'], { port, path: '/api/health', env }))
  stack.defer(async () => removeAllOf((await readFile(join(dataDir, '.ai-lab-root'), 'utf8')).trim(), dataDir))
  const token = (await readFile(join(dataDir, 'admin/first-admin-token'), 'utf8')).trim()
  const own = join(dataDir, 'users/admin')
  const source = join(folder, 'source')
  await fillRandomly(source)
  const nginxRoot = join(folder, 'nginx')
  await mkdir(nginxRoot)
  const nginx = await startNginxFiles(stack, nginxRoot)
  await pin({ pid: process.pid })
  await pin({ pid }, '0')
  printNote(
    `One file of ${sizeMebibytes} MiB by curl, ${rounds} rounds in turns. Each server has core 0, curl core 1. The service makes an upload durable before it answers; so nginx's counts until \`sync\` of its file has ended.`,
  )
  const ours: Server = {
    url: `http://127.0.0.1:${port}/api/users/admin/files`,
    headers: ['-H', `Authorization: Bearer ${token}`],
  }
  const theirs: Server = { url: `http://127.0.0.1:${nginx.port}`, headers: [] }
  const figures = await ofTransfers(ours, theirs, { source, nginxRoot })
  figures.push(await ofMemory('download', pid, (bytes) => downloadSparse(ours, own, bytes)))
  figures.push(await ofMemory('upload', pid, (bytes) => uploadZeros(ours, own, bytes)))
  figures.push(await ofMemory('resumable upload', pid, (bytes) => uploadZerosByTus(ours, own, bytes)))
  figures.push(...(await ofLargeFolder(join(own, 'many'), `${ours.url}/many`, ours.headers)))
  printFigures(figures)
})

async function fillRandomly(path: string): Promise<void> {
  await using file = await open(path, 'w')
  for (let at = 0; at < sizeMebibytes; at++)
    await file.write(crypto.getRandomValues(Buffer.alloc(65_536)), 0, 65_536, at * mebibyte)
  await file.truncate(sizeMebibytes * mebibyte)
  await file.sync()
}

/** Sends or fetches one file; gives MiB a second. */
async function transfer(
  { url, headers }: Server,
  args: string[],
  then: () => Promise<unknown> = async () => {},
): Promise<number> {
  const { ms } = await timed(async () => {
    await execute('curl', ['-sf', '-o', '/dev/null', ...headers, ...args, `${url}/file`])
    await then()
  })
  return (sizeMebibytes * 1_000) / ms
}

async function ofTransfers(
  ours: Server,
  theirs: Server,
  { source, nginxRoot }: { source: string; nginxRoot: string },
): Promise<Figure[]> {
  const seen = { up: [[], []] as number[][], down: [[], []] as number[][] }
  const up = ['-T', source]
  for (let round = 0; round <= rounds; round++) {
    const uploads = [
      await transfer(ours, up),
      await transfer(theirs, up, () => execute('sync', [join(nginxRoot, 'file')])),
    ]
    const downloads = [await transfer(ours, []), await transfer(theirs, [])]
    if (round === 0) continue // to warm up
    for (const at of [0, 1]) {
      seen.up[at]?.push(uploads[at] ?? 0)
      seen.down[at]?.push(downloads[at] ?? 0)
    }
  }
  return [ratioOf('upload', seen.up), ratioOf('download', seen.down)]
}

function ratioOf(name: string, [ours = [], theirs = []]: number[][]): Figure {
  const [own, other] = [median(ours), median(theirs)]
  return {
    name: `${name}, of nginx`,
    value: own / other,
    write: write.ratio,
    target: { atLeast: 0.8 },
    remark: `${Math.round(own)} and ${Math.round(other)} MiB/s`,
  }
}

async function downloadSparse({ url, headers }: Server, own: string, bytes: number): Promise<void> {
  const sparse = join(own, 'sparse')
  await writeFile(sparse, '')
  await truncate(sparse, bytes)
  await execute('curl', ['-sf', '-o', '/dev/null', ...headers, `${url}/sparse`])
  await rm(sparse)
}

async function uploadZeros({ url, headers }: Server, own: string, bytes: number): Promise<void> {
  await withZeros(own, bytes, (zeros) =>
    execute('curl', ['-sf', '-o', '/dev/null', ...headers, '-T', zeros, `${url}/zeros`]),
  )
}

/** In one request, as tus's own clients send a file. */
async function uploadZerosByTus({ url, headers }: Server, own: string, bytes: number): Promise<void> {
  const { origin, pathname } = new URL(`${url}/zeros`)
  const tus = [...headers, '-H', 'Tus-Resumable: 1.0.0']
  const to = `Upload-Metadata: to ${Buffer.from(pathname).toString('base64')}`
  const begin = ['-X', 'POST', '-H', `Upload-Length: ${bytes}`, '-H', to, '-w', '%header{location}']
  const { stdout: location } = await execute('curl', ['-sf', ...tus, ...begin, `${origin}/api/uploads`])
  const send = ['-X', 'PATCH', '-H', 'Upload-Offset: 0', '-H', 'Content-Type: application/offset+octet-stream']
  await withZeros(own, bytes, (zeros) =>
    execute('curl', ['-sf', '-o', '/dev/null', ...tus, ...send, '-T', zeros, String(new URL(location, origin))]),
  )
}

/** Makes a file of zeros that takes no room; the work makes `zeros` of it. Both are gone afterwards. */
async function withZeros(own: string, bytes: number, work: (zeros: string) => Promise<unknown>): Promise<void> {
  const zeros = join(own, '..', '..', '..', 'zeros')
  await writeFile(zeros, '')
  await truncate(zeros, bytes)
  await work(zeros)
  await Promise.all([rm(zeros), rm(join(own, 'zeros'))])
}

/** The memory that a file of 10 GiB takes more, at most, than one of 1 MiB. */
async function ofMemory(what: string, pid: number, work: (bytes: number) => Promise<void>): Promise<Figure> {
  const peakOf = (bytes: number) => peakMebibytes(pid, () => work(bytes))
  await peakOf(64 * mebibyte)
  const small = await peakOf(mebibyte)
  const large = await peakOf(largeGibibytes * 2 ** 30)
  return {
    name: `most memory during the ${what} of ${largeGibibytes} GiB, above that of 1 MiB`,
    value: large - small,
    write: write.mebibytes,
    target: { atMost: 32 },
    remark: `${small.toFixed(0)} and ${large.toFixed(0)} MiB`,
  }
}
