import { execFile } from 'node:child_process'
import { mkdtempDisposable, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const document = resolve('docs/openapi.json')
const modules = resolve('node_modules')
const execute = promisify(execFile)

const compilerOptions = {
  target: 'es2024',
  lib: ['es2024', 'dom', 'dom.iterable', 'dom.asynciterable'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: false,
  erasableSyntaxOnly: true,
  allowImportingTsExtensions: true,
  noEmit: true,
}

/** A folder with a generated client and a program that uses it. */
export type GeneratedClient = AsyncDisposable & {
  folder: string
  /** Checks the types of both. @throws with the compiler's words */
  check(): Promise<void>
  /** Runs the program; gives the JSON that it prints. */
  run(...args: string[]): Promise<unknown>
}

/** `generate` is a program that writes the client of the document in argv[2] to the folder in argv[3]. */
export async function generatedClient(generate: string, program: string): Promise<GeneratedClient> {
  const { path: folder, [Symbol.asyncDispose]: remove } = await mkdtempDisposable(join(tmpdir(), 'ai-lab-client-'))
  await symlink(modules, join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  await writeFile(join(folder, 'generate.mjs'), generate)
  await writeFile(join(folder, 'program.ts'), program)
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts', 'client'] }))
  const hook = resolve('test/support/typescript-5.mjs')
  await execute(process.execPath, ['--import', hook, 'generate.mjs', document, join(folder, 'client')], { cwd: folder })
  return {
    folder,
    async check() {
      await execute(process.execPath, [join(modules, 'typescript/bin/tsc'), '-p', folder]).catch(({ stdout }) => {
        throw new Error(`The generated client does not compile:\n${stdout}`)
      })
    },
    async run(...args) {
      const { stdout } = await execute(process.execPath, ['program.ts', ...args], { cwd: folder })
      return JSON.parse(stdout)
    },
    [Symbol.asyncDispose]: remove,
  }
}
