import { createHash, randomBytes } from 'node:crypto'
import { globSync } from 'node:fs'
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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
  'scripts/lib/console.ts',
]
const compressible = /\.(js|css|svg|html|json)$/
const fromBytes = 1_024
const leftAfterMs = 10 * 60_000

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
      await sweep()
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

/** Another command may do the same at the same moment: the last one wins, and each build is whole. */
async function replace(draft: string): Promise<void> {
  const old = `${draft}.old`
  try {
    while (!(await moved(draft, built))) await moved(built, old)
  } finally {
    await rm(old, { recursive: true, force: true })
  }
}

/** Whether a folder could be moved: false if another one has the place, or it is gone already. */
async function moved(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST' || (error.code === 'ENOENT' && from === built))
        return false
      throw error
    },
  )
}

/** Removes what killed builds have left. A build takes seconds. */
async function sweep(): Promise<void> {
  for (const left of await readdir(source)) {
    const path = join(source, left)
    if (left.startsWith('dist.') && Date.now() - (await stat(path)).mtimeMs > leftAfterMs)
      await rm(path, { recursive: true, force: true })
  }
}
