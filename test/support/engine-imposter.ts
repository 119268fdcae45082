import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A server on a socket of its own that answers in an engine's place. */
export async function imposter(answer: RequestListener): Promise<{ socket: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-imposter-'))
  const path = join(folder, 'engine.sock')
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    socket: `unix://${path}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true })
    },
  }
}
