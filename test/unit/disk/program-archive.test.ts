import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { archiveProgram } from '../../../src/disk/program-archive.ts'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-archive-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function listed(tar: Uint8Array): Promise<string[]> {
  const file = join(await temporaryFolder(), 'image.tar')
  await writeFile(file, tar)
  const { stdout } = await promisify(execFile)('tar', ['-tf', file])
  return stdout.trim().split('\n')
}

test('the archive of a program has it and the libraries that it needs, and nothing else', async () => {
  const { tar } = await archiveProgram('/bin/ls', ['DAC_OVERRIDE'])
  const names = await listed(await tar())
  expect(names[0]).toBe('bin/ls')
  expect(names.slice(1)).toEqual(
    expect.arrayContaining([expect.stringMatching(/libc\.so/), expect.stringMatching(/ld-/)]),
  )
  expect(names.every((name) => name === 'bin/ls' || /\.so/.test(name))).toBe(true)
})

test('another program, or other rights of it, have another digest', async () => {
  const program = join(await temporaryFolder(), 'program')
  await writeFile(program, '#!/bin/sh\n')
  await chmod(program, 0o755)
  const one = await archiveProgram(program, [])
  expect(await listed(await one.tar())).toEqual([program.slice(1)])
  expect((await archiveProgram(program, [])).digest).toBe(one.digest)
  expect((await archiveProgram(program, ['DAC_OVERRIDE'])).digest).not.toBe(one.digest)
  await writeFile(program, '#!/bin/sh\n#\n')
  expect((await archiveProgram(program, [])).digest).not.toBe(one.digest)
})

test('a program that is missing is an error', async () => {
  await expect(archiveProgram('/nowhere/restic', [])).rejects.toThrow()
})
