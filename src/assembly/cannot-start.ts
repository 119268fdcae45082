import type { Finding } from '../domain/proof/proof.ts'
import type { Config } from '../settings/config.ts'
import { ConfigError } from '../settings/config.ts'
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
  const onHost = (text: string) => (hostDataPath === null ? text : text.replaceAll(dataDir, hostDataPath))
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
