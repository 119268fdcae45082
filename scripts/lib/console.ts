import { createHash, randomBytes } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { step } from './progress.ts'

const source = 'console'
const built = 'console/dist'
const stamp = 'built-from'
// Everything that decides what a build gives: the console imports rules of the domain too.
const inputs = [
  'console/{index.html,vite.config.ts,tsconfig.json}',
  'console/src/**',
  'src/{domain,lib}/**',
  'package-lock.json',
]
const compressible = /\.(js|css|svg|html|json)$/
const fromBytes = 1_024

/** Builds the console's pages, unless the last build was of the same sources. */
export async function ensureConsole(): Promise<void> {
  const hash = await hashOf(inputs)
  if ((await readFile(join(built, stamp), 'utf8').catch(() => '')) === hash) return
  await step('Building the console (some seconds, when its sources changed)', async () => {
    const draft = `${built}.${randomBytes(4).toString('hex')}`
    try {
      const { build } = await import('vite')
      await build({ root: source, build: { outDir: join(process.cwd(), draft), emptyOutDir: true } })
      await compress(draft)
      await writeFile(join(draft, stamp), hash)
      await replace(draft)
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  })
}

async function hashOf(patterns: string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of globSync(patterns, { withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
    .sort()) {
    hash
      .update(`${path}\0`)
      .update(await readFile(path))
      .update('\0')
  }
  return hash.digest('hex')
}

/** The service sends these as they are. */
async function compress(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name)
    if (!compressible.test(name) || name === 'index.html') continue
    const content = await readFile(path)
    if (content.length < fromBytes) continue
    const options = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }
    await writeFile(`${path}.br`, await promisify(brotliCompress)(content, options))
    await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }))
  }
}

/** Another command may build at the same moment: the last one wins, and each is whole. */
async function replace(draft: string): Promise<void> {
  await mkdir(dirname(built), { recursive: true })
  const old = `${draft}.old`
  if (existsSync(built)) await rename(built, old).catch(() => {})
  await rename(draft, built)
  await rm(old, { recursive: true, force: true })
}
