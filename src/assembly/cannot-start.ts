import type { Finding } from '../domain/proof/proof.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { type Config, ConfigError } from '../settings/config.ts'
import { explain } from '../settings/explain.ts'

/**
 * The finding for a start that failed, as an administrator on the host reads it: a container has other paths than its host.
 * Pure.
 */
export function cannotStart(
  error: unknown,
  { dataDir, hostDataPath }: Pick<Config, 'dataDir' | 'hostDataPath'>,
): Finding {
  const { why, cure } = explain(error)
  const onHost = (text: string) => (hostDataPath === null ? text : withHostPaths(text, dataDir, hostDataPath))
  return {
    code: 'cannot-start',
    severity: 'error',
    environmentId: null,
    backendPath: dataDir,
    hostPath: hostDataPath ?? '',
    detail: onHost(why),
    remedy: onHost(`${cure} ${error instanceof ConfigError ? readAgain : goesOn}`.trim()),
  }
}

const goesOn = 'Then the service goes on by itself.'
const readAgain =
  'The service reads its files again by itself. A container gets other settings only when it is made anew: docker-compose … up -d.'

/** The paths below one folder in a text as those below another one, each quoted for a shell if it has to be. */
function withHostPaths(text: string, dataDir: string, hostDataPath: string): string {
  const literally = dataDir.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  const path = new RegExp(`'?${literally}((?:/[\\w@%+=-]*(?:\\.[\\w@%+=-]+)*)*)'?`, 'g')
  return text.replace(path, (_, below: string) => shellQuote(hostDataPath + below))
}
