import type { Errand } from '../ports/engine.ts'

/** The file of a secret on the engine's host. */
type HostFile = string

/** Where restic finds its repository. A text is a folder of the engine's host. */
export type ResticPlace =
  | string
  | { kind: 'sftp'; user: string; host: string; port: number; path: string; key: HostFile; knownHosts: HostFile }
  /** `certificates`: those that the server's own is checked with; null: the ones of the image. */
  | { kind: 's3'; url: string; credentials: HostFile; certificates: HostFile | null }

export type Reach = {
  /** What restic calls it. */
  repository: string
  options: string[]
  env: Record<string, string>
  mounts: Errand['mounts']
  needsNetwork: boolean
}

/**
 * How a container reaches a repository. `base`: a folder of the container whose name nobody can guess. What is secret is a file in it: in
 * the command or in a variable everybody would see it who may inspect the container. Pure.
 */
export function reach(place: ResticPlace, base: string, { readOnly }: { readOnly: boolean }): Reach {
  if (typeof place === 'string') {
    const target = `${base}/repository`
    const mounts = [{ source: place, target, readOnly }]
    return { repository: target, options: [], env: {}, mounts, needsNetwork: false }
  }
  if (place.kind === 's3') {
    const [credentials, certificates] = [`${base}/credentials`, `${base}/certificates`]
    return {
      repository: `s3:${place.url}`,
      options: place.certificates === null ? [] : ['--cacert', certificates],
      env: { AWS_SHARED_CREDENTIALS_FILE: credentials },
      mounts: [
        { source: place.credentials, target: credentials, readOnly: true },
        ...(place.certificates === null ? [] : [{ source: place.certificates, target: certificates, readOnly: true }]),
      ],
      needsNetwork: true,
    }
  }
  const [key, knownHosts] = [`${base}/key`, `${base}/known_hosts`]
  return {
    repository: `sftp:${place.user}@${place.host}:${place.path}`,
    options: ['-o', `sftp.command=${sshCommand(place, { key, knownHosts })}`],
    env: {},
    mounts: [
      { source: place.key, target: key, readOnly: true },
      { source: place.knownHosts, target: knownHosts, readOnly: true },
    ],
    needsNetwork: true,
  }
}

/** A server whose key is not in the file is refused: another one in its place would get all backups, or lose them. */
function sshCommand(
  { user, host, port }: { user: string; host: string; port: number },
  { key, knownHosts }: { key: string; knownHosts: string },
): string {
  const options = [
    ...['BatchMode=yes', 'StrictHostKeyChecking=yes', 'UpdateHostKeys=no', 'IdentitiesOnly=yes'],
    ...['GlobalKnownHostsFile=/dev/null', `UserKnownHostsFile=${knownHosts}`],
    ...['ConnectTimeout=20', 'ServerAliveInterval=30', 'ServerAliveCountMax=4'],
  ]
  const written = options.map((option) => `-o ${option}`).join(' ')
  return `/usr/bin/ssh -F none ${written} -i ${key} -p ${port} -l ${user} ${host} -s sftp`
}
