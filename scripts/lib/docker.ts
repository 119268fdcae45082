import { Failure } from './failure.ts'
import { type RunOptions, run, tail } from './run.ts'

/** The legacy builder: Debian's docker.io comes without BuildKit's plugin. */
const LEGACY_BUILDER = { DOCKER_BUILDKIT: '0' }
const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']

export interface Build {
  folder: string
  tag: string
  labels?: Record<string, string>
}

/** Builds an image. Its tag moves only if the build succeeds; an aborted build leaves nothing behind. */
export async function build({ folder, tag, labels = {} }: Build, options: RunOptions): Promise<void> {
  const flags = Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`])
  const proxies = PROXIES.filter((name) => process.env[name]).flatMap((name) => ['--build-arg', name])
  // The host's network: name servers and mirrors that the host reaches may be out of reach from the engine's bridge.
  const args = ['build', '--network', 'host', '--force-rm', ...flags, ...proxies, '--tag', tag, folder]
  const { ok, output } = await run('docker', args, { timeoutMs: 60 * 60_000, ...options, env: LEGACY_BUILDER })
  if (!ok) throw new Failure(`Building ${tag} failed:\n${tail(output)}`)
}

export async function hasImage(tag: string, signal: AbortSignal): Promise<boolean> {
  const { ok } = await run('docker', ['image', 'inspect', tag], { signal, timeoutMs: 30_000 })
  return ok
}

/** The value of a label; '' if the image has none, or if there is no such image. */
export async function imageLabel(tag: string, label: string, signal: AbortSignal): Promise<string> {
  const format = `{{ index .Config.Labels "${label}" }}`
  const { ok, output } = await run('docker', ['image', 'inspect', '--format', format, tag], {
    signal,
    timeoutMs: 30_000,
  })
  return ok ? output.trim() : ''
}
