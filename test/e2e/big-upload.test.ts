// A big file by tus's own client, through a service that is killed in the middle and started again.
import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Upload } from 'tus-js-client'
import { expect, test } from 'vitest'
import { rounds } from '../support/rounds.ts'
import { startService } from './support/service.ts'

const execute = promisify(execFile)
const sizeMebibytes = rounds(2_048)
const sizeBytes = sizeMebibytes * 2 ** 20
const retryDelays = [1_000, 1_000, 2_000, 2_000, 5_000, 5_000, 10_000]

// Trouble (files): kill -9 in the middle of a big upload
test(`an upload of ${sizeMebibytes} MiB goes on after kill -9 of the service, and its checksum is that of the original`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-e2e-'))
  try {
    const source = join(folder, 'source')
    // No two parts are alike, and it costs little: a cipher of zeros.
    const cipher = 'openssl enc -aes-128-ctr -K 0123456789abcdef0123456789abcdef -iv 0 -in /dev/zero 2>/dev/null'
    await execute('sh', ['-c', `${cipher} | head -c ${sizeBytes} > "$1"`, 'sh', source])
    const { stdout } = await execute('sha256sum', [source])
    const sha256 = stdout.split(' ')[0] ?? ''

    await using service = await startService()
    const to = '/api/users/admin/files/models/big.bin'
    const { promise: killed, resolve: kill } = Promise.withResolvers<number>()
    const { promise: done, resolve, reject } = Promise.withResolvers<void>()
    const offsets: number[] = []
    const upload = new Upload(createReadStream(source), {
      endpoint: `${service.url}/api/uploads`,
      headers: { authorization: `Bearer ${service.adminToken}` },
      metadata: { to, sha256 },
      uploadSize: sizeBytes,
      retryDelays,
      onProgress: (sent) => {
        if (sent > sizeBytes / 2) kill(sent)
      },
      onAfterResponse(request, response) {
        if (request.getMethod() === 'HEAD') offsets.push(Number(response.getHeader('upload-offset')))
      },
      onSuccess: () => resolve(),
      onError: reject,
    })
    upload.start()
    await killed
    await service.end('SIGKILL')
    await service.startAgain()
    await done

    expect(offsets).toHaveLength(1)
    expect(offsets[0]).toBeGreaterThan(sizeBytes / 4)
    const target = join(service.dataDir, 'users/admin/models/big.bin')
    await execute('cmp', [source, target])
    expect((await readdir(join(service.dataDir, 'admin/uploads'))).filter((name) => name !== 'finished')).toEqual([])
  } finally {
    await rm(folder, { recursive: true })
  }
})
