import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { pack } from 'tar-stream'
import { isCode } from './files.ts'

/** A program with the libraries that it needs, as an archive of files for an image that holds nothing else. */
export type ProgramArchive = {
  /** The same for the same files; other files have another one. */
  digest: string
  tar(): Promise<Uint8Array>
}

type ProgramFile = { path: string; content: Buffer }

/** What an image has beside its program: other programs, with their libraries, and files of text. */
type Beside = { programs?: readonly string[]; files?: Readonly<Record<string, string>> }

/**
 * Reads a program of this machine. `capabilities`: those that the program has by its file, whoever runs it, where its container
 * allows them. `beside`: what else the image is to have.
 *
 * @throws Error with a sentence for the administrator
 */
export async function archiveProgram(
  program: string,
  capabilities: readonly 'DAC_OVERRIDE'[],
  { programs = [], files: texts = {} }: Beside = {},
): Promise<ProgramArchive> {
  const all = [program, ...programs]
  const libraries = (await Promise.all(all.map(librariesOf))).flat()
  const paths = [...new Set([...all, ...libraries])]
  const read = await Promise.all(paths.map(async (path) => ({ path, content: await readFile(path) })))
  const files = [...read, ...Object.entries(texts).map(([path, text]) => ({ path, content: Buffer.from(text) }))]
  const digest = createHash('sha256').update(capabilities.join())
  for (const { path, content } of files) digest.update(`\n${path} ${content.length}\n`).update(content)
  return {
    digest: digest.digest('hex'),
    tar: () => archive(files, { [program]: { 'SCHILY.xattr.security.capability': capabilityOf(capabilities) } }),
  }
}

/** What `ldd` lists: the libraries and the loader, by absolute paths. None for a program that is linked statically. */
async function librariesOf(program: string): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)('ldd', [program])
    return Array.from(stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm), ([, path = '']) => path)
  } catch (error) {
    if (!isCode(error, 'ENOENT') && /not a dynamic executable/.test(String(error))) return []
    throw error
  }
}

async function archive(
  files: readonly ProgramFile[],
  pax: Record<string, Record<string, string>>,
): Promise<Uint8Array> {
  const tar = pack()
  for (const { path, content } of files) {
    tar.entry({ name: path.slice(1), mode: 0o755, mtime: new Date(0), pax: pax[path] }, content)
  }
  tar.finalize()
  return Buffer.concat(await Array.fromAsync(tar as AsyncIterable<Buffer>))
}

/** The value of `security.capability` (linux/capability.h, VFS_CAP_REVISION_2), effective. Pure. */
function capabilityOf(names: readonly 'DAC_OVERRIDE'[]): string {
  const value = Buffer.alloc(20)
  value.writeUInt32LE(0x02000001, 0)
  value.writeUInt32LE(names.includes('DAC_OVERRIDE') ? 1 << 1 : 0, 4)
  return value.toString('latin1')
}
