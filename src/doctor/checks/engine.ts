import { type Check, notChecked, ok, problem, warning } from '../../domain/doctor/check.ts'
import { shellQuote } from '../../lib/shell-quote.ts'
import { upCommand } from '../commands.ts'
import type { Observations } from '../observations.ts'

/** The oldest version that this platform was tested with. */
const oldest = { version: '20.10', apiVersion: '1.41' } as const

/** Does the container engine answer, and was its version tested? */
export function checkEngine({ engine, settings, standpoint }: Observations): Check[] {
  if (engine.kind === 'unseen') {
    return [
      problem('engine', {
        summary: engine.hangs ? 'It does not answer in time.' : 'It cannot be used.',
        detail:
          `The container engine at ${settings.dockerHost} cannot be used by uid ${standpoint.self.uid}. ${engine.reason}`.replace(
            /[^.]$/,
            '$&.',
          ),
        remedy:
          'Does it run (systemctl status docker)? May this user use it (group of the socket)? Is it elsewhere (DOCKER_HOST)? Its own client tells more:',
        command: versionCommand(settings),
      }),
    ]
  }
  const { version, apiVersion } = engine.value
  if (isAtLeast(version, oldest.version) && isAtLeast(apiVersion, oldest.apiVersion)) {
    return [ok('engine', `Version ${version}, API ${apiVersion}.`)]
  }
  return [
    warning('engine', {
      summary: `Version ${version} is older than any that was tested.`,
      detail: `The container engine is version ${version} (API ${apiVersion}). The oldest that was tested is ${oldest.version} (API ${oldest.apiVersion}).`,
      remedy: 'Bring it up to date.',
    }),
  ]
}

/** Does DOCKER_GID name the group that owns the engine's socket? Compose gives it to the backend. */
export function checkEngineSocket(seen: Observations): Check[] {
  const { settings, socketGroup, standpoint } = seen
  const socket = settings.dockerHost.replace(/^unix:\/\//, '')
  if (standpoint.place === 'container') {
    return [notChecked('engine-socket', 'Groups of the host are not seen from this container.')]
  }
  if (socket === settings.dockerHost)
    return [notChecked('engine-socket', 'The engine is not reached through a socket.')]
  if (socketGroup.kind === 'unseen')
    return [notChecked('engine-socket', `It cannot be looked at: ${socketGroup.reason}.`)]
  if (socketGroup.value === null) return [problem('engine-socket', `There is no socket ${socket}.`)]
  const group = String(socketGroup.value)
  const named = settings.fromFile.DOCKER_GID || null
  if (named === group) return [ok('engine-socket', `It belongs to group ${group}, as DOCKER_GID says.`)]
  if (named === null)
    return [ok('engine-socket', `It belongs to group ${group}; DOCKER_GID is not set, and only Compose needs it.`)]
  return [
    (standpoint.deployment === 'compose' ? problem : warning)('engine-socket', {
      summary: `DOCKER_GID is ${named}, the socket's group is ${group}.`,
      detail: `${socket} belongs to group ${group}; DOCKER_GID in ${settings.file.path} is ${named}. The backend may not use the engine.`,
      remedy: `Set DOCKER_GID=${group} in ${settings.file.path}, and make the container anew.`,
      command: upCommand(seen),
      fixes: settings.file.bytes
        ? [{ kind: 'set-setting', file: settings.file.path, name: 'DOCKER_GID', from: named, to: group }]
        : [],
    }),
  ]
}

/** Asks the engine for its version as the service does: over TLS, if that is set up. */
function versionCommand({ dockerHost, dockerCertPath }: Observations['settings']): string {
  const overTls = dockerCertPath === null ? '' : `DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH=${shellQuote(dockerCertPath)} `
  return `${overTls}docker -H ${shellQuote(dockerHost)} version`
}

function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number.parseFloat)
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number.parseFloat)
  return major !== leastMajor ? major > leastMajor : minor >= leastMinor
}
