import { execFile, execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import S3rver from 's3rver'
import { freePort } from './free-port.ts'

export type S3Server = AsyncDisposable & {
  url: string
  credentials: string
  /** The file of the certificate that it has, which nobody else has signed. */
  certificates: string
}

/** A server that speaks the protocol of S3 by https, on the address of the engine's own bridge, with a bucket in that folder. */
export async function startS3Server(folder: string): Promise<S3Server> {
  const host = bridgeAddress()
  const port = await freePort()
  const files = { key: join(folder, 's3-key.pem'), cert: join(folder, 's3-cert.pem'), data: join(folder, 's3') }
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', '/CN=lab', '-addext', `subjectAltName=IP:${host}`, '-keyout', files.key, '-out', files.cert],
  ])
  await mkdir(files.data)
  const credentials = join(folder, 's3-credentials')
  await writeFile(credentials, '[default]\naws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n')
  const [key, cert] = await Promise.all([readFile(files.key), readFile(files.cert)])
  const configureBuckets = [{ name: 'lab', configs: [] }]
  const server = new S3rver({ address: host, port, silent: true, directory: files.data, key, cert, configureBuckets })
  await server.run()
  return {
    ...{ url: `https://${host}:${port}/lab`, credentials, certificates: files.cert },
    [Symbol.asyncDispose]: () => server.close(),
  }
}

/** The machine's own address on the network of the engine: containers reach it, and the world does not. */
export function bridgeAddress(): string {
  const format = '{{(index .IPAM.Config 0).Gateway}}'
  return execFileSync('docker', ['network', 'inspect', '--format', format, 'bridge'], { encoding: 'utf8' }).trim()
}
