import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

const execute = promisify(execFile)
const startLimitMs = 20_000

/** A real registry on loopback, in a separate process, which keeps pushed images in a temporary folder. */
export type Registry = AsyncDisposable & {
  port: number
  /**
   * Builds an image with so many layers of so many random bytes, whose container answers HTTP on port 8888, pushes it, and
   * removes it from the engine; gives its name without the registry's address.
   */
  push(layers: number, layerBytes: number): Promise<string>
  /** Names a port from which images are pulled, so that they are removed from the engine at the end. */
  pulledFrom(port: number): void
}

const answering = `use IO::Socket; $s = IO::Socket::INET->new(Listen => 9, LocalPort => 8888, ReuseAddr => 1) or die;
while ($c = $s->accept) { sysread $c, $x, 4096; print $c "HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n"; close $c }`

export async function startRegistry(): Promise<Registry> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-registry-'))
  const port = await freePort()
  const images = new Set<string>()
  const ports = new Set([port])
  await mkdir(join(folder, 'stored'))
  const config = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'stored') } },
    http: { addr: `127.0.0.1:${port}` },
  }
  await writeFile(join(folder, 'config.yml'), JSON.stringify(config))
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' })
  await untilItAnswers(child, port)

  return {
    port,
    pulledFrom: (other) => void ports.add(other),
    async push(layers, layerBytes) {
      const name = `ai-lab-test-${randomBytes(4).toString('hex')}:1`
      const context = join(folder, name)
      await mkdir(context)
      const files = Array.from({ length: layers }, (_, at) => `layer-${at}`)
      for (const file of files) await writeFile(join(context, file), randomBytes(layerBytes))
      await writeFile(join(context, 'answer.pl'), answering)
      const lines = ['FROM debian:trixie-slim', ...[...files, 'answer.pl'].map((file) => `COPY ${file} /opt/${file}`)]
      await writeFile(join(context, 'Dockerfile'), [...lines, 'CMD ["perl", "/opt/answer.pl"]', ''].join('\n'))
      const tag = `127.0.0.1:${port}/${name}`
      images.add(name)
      await docker('build', '--quiet', '--tag', tag, context)
      await docker('push', '--quiet', tag)
      await docker('rmi', tag)
      await rm(context, { recursive: true })
      return name
    },
    async [Symbol.asyncDispose]() {
      for (const name of images) {
        for (const each of ports) await docker('rmi', '--force', `127.0.0.1:${each}/${name}`).catch(nothingThere)
      }
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function docker(...args: string[]): Promise<void> {
  await execute('docker', args, { env: { ...process.env, DOCKER_BUILDKIT: '0' } })
}

function nothingThere(error: Error): void {
  if (!/No such image/.test(error.message)) throw error
}

async function untilItAnswers(child: ChildProcess, port: number): Promise<void> {
  for (const deadline = Date.now() + startLimitMs; Date.now() < deadline; await sleep(20)) {
    if (child.exitCode !== null) throw new Error(`The registry ended with ${child.exitCode}.`)
    const answer = await fetch(`http://127.0.0.1:${port}/v2/`).catch(() => null)
    if (answer?.ok) return
  }
  throw new Error(`The registry did not answer within ${startLimitMs / 1000} s.`)
}
