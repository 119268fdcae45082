// A backup and a restore as the service makes them, against restic alone and `tar | zstd`, on the same files in turns.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createDockerEngine } from '../../src/docker/docker-engine.ts'
import type { UserId } from '../../src/domain/people/user-id.ts'
import { realRepository } from '../support/real-restic.ts'
import { printFigures, write } from './support/figures.ts'
import { runBench } from './support/run-bench.ts'
import { median } from './support/statistics.ts'
import { timed } from './support/until.ts'

const rounds = 3
const key = 'sesame'
const largestFileBytes = 2 ** 40
const small = { files: 5_000, bytes: 8 * 1024 }
const large = { files: 8, bytes: 64 * 2 ** 20 }
const totalMiB = (small.files * small.bytes + large.files * large.bytes) / 2 ** 20

const execute = (command: string, ...args: string[]) =>
  promisify(execFile)(command, args, { env: { ...process.env, RESTIC_PASSWORD: key }, maxBuffer: 2 ** 26 })

await runBench(`Backups of ${small.files} small and ${large.files} large files, ${totalMiB} MiB`, async (signal) => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const socket = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock'
  const engine = stack.use(
    createDockerEngine({ socket, readText: async () => null, lookThroughProcess: async () => null }),
  )
  const data = join(folder, 'data')
  await fill(data)
  const times = { save: [] as number[], plainSave: [] as number[], tar: [] as number[] }
  const back = { restore: [] as number[], plainRestore: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    signal.throwIfAborted()
    const at = (name: string) => join(folder, `${name}-${round}`)
    await mkdir(at('ours'))
    await mkdir(at('restored'))
    const repository = realRepository(engine, at('ours'), key)
    await repository.begin()
    const part = { kind: 'person', userId: 'demo' as UserId } as const
    const save = () => repository.save({ backupId: 'one', part, hostPath: data, largestFileBytes }, () => {})
    times.save.push((await timed(save)).ms)
    const [snapshot] = await repository.snapshots()
    if (!snapshot) throw new Error('nothing was saved')
    const restore = () => repository.restore({ snapshot, path: '', hostPath: at('restored') }, () => {})
    back.restore.push((await timed(restore)).ms)

    const plain = ['-r', at('plain'), '--no-cache', '--json']
    await execute('restic', ...plain, 'init')
    times.plainSave.push((await timed(() => execute('restic', ...plain, 'backup', data))).ms)
    const target = ['--target', at('plain-restored'), '--verify']
    back.plainRestore.push((await timed(() => execute('restic', ...plain, 'restore', 'latest', ...target))).ms)
    times.tar.push((await timed(() => execute('sh', '-c', `tar -C '${data}' -cf - . | zstd -q > '${at('tar')}'`))).ms)
    for (const name of ['ours', 'restored', 'plain', 'plain-restored']) await rm(at(name), { recursive: true })
  }
  const rate = (values: number[]) => (totalMiB * 1000) / median(values)
  const perSecond = (value: number) => `${value.toFixed(0)} MiB/s`
  printFigures([
    { name: 'backup by the service', value: rate(times.save), write: perSecond },
    { name: 'restic backup', value: rate(times.plainSave), write: perSecond },
    {
      name: 'backup by the service to restic alone',
      value: median(times.plainSave) / median(times.save),
      write: write.ratio,
      target: { atLeast: 0.9 },
    },
    { name: 'tar | zstd', value: rate(times.tar), write: perSecond },
    { name: 'restore by the service', value: rate(back.restore), write: perSecond },
    { name: 'restic restore --verify', value: rate(back.plainRestore), write: perSecond },
    {
      name: 'restore by the service to restic alone',
      value: median(back.plainRestore) / median(back.restore),
      write: write.ratio,
      target: { atLeast: 0.9 },
    },
  ])
})

/** Half of each file is random, half is text that compresses. */
async function fill(data: string): Promise<void> {
  const content = (bytes: number) => Buffer.concat([randomBytes(bytes / 2), Buffer.alloc(bytes / 2, 'import numpy\n')])
  for (let n = 0; n < small.files; n += 1) {
    const folder = join(data, `folder-${n % 100}`)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, `${n}.txt`), content(small.bytes))
  }
  for (let n = 0; n < large.files; n += 1) await writeFile(join(data, `${n}.bin`), content(large.bytes))
}
