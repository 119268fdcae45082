import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { bridgeAddress } from './s3-server.ts'

export type SshServer = AsyncDisposable & {
  host: string
  port: number
  /** The file of a key that it lets in as root. */
  key: string
  /** The file with the server's own key. */
  knownHosts: string
}

/** Debian's sshd, on the address of the engine's own bridge, with keys in that folder. It gives files and nothing else. */
export async function startSshServer(folder: string): Promise<SshServer> {
  const host = bridgeAddress()
  const port = await freePort()
  const [key, hostKey, knownHosts] = ['key', 'host-key', 'known_hosts'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const file of [key, hostKey]) {
    await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
  }
  await writeFile(knownHosts, `[${host}]:${port} ${await readFile(`${hostKey}.pub`, 'utf8')}`)
  const lines = [
    ...[`ListenAddress ${host}`, `Port ${port}`, `HostKey ${hostKey}`, `AuthorizedKeysFile ${key}.pub`],
    ...[
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
    ],
    ...['Subsystem sftp internal-sftp', 'ForceCommand internal-sftp'],
  ]
  await writeFile(join(folder, 'sshd_config'), `${lines.join('\n')}\n`)
  await mkdir('/run/sshd', { recursive: true })
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' })
  await answering(host, port)
  return {
    ...{ host, port, key, knownHosts },
    async [Symbol.asyncDispose]() {
      const ended = once(server, 'exit')
      server.kill('SIGTERM')
      await ended
    },
  }
}

async function answering(host: string, port: number): Promise<void> {
  for (const deadline = Date.now() + 10_000; ; await sleep(20)) {
    const socket = connect(port, host)
    const is = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (is) return
    if (Date.now() > deadline) throw new Error(`sshd does not answer at ${host}:${port}`)
  }
}
