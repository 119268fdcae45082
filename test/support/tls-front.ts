import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export type TlsFront = AsyncDisposable & {
  /** As in DOCKER_HOST. */
  host: string
  port: number
  folder: string
  /** Makes a folder with the ca.pem of one authority, and a client's cert.pem and key.pem of another; gives its path. */
  keys(name: string, authorities: { ca: Authority; client: Authority }): Promise<string>
}

export type Authority = 'lab' | 'stranger'

/** An engine's socket behind TLS, as dockerd with `--tlsverify`: it asks clients for a certificate of the authority `lab`. */
export async function tlsFront(socketPath: string): Promise<TlsFront> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-tls-'))
  const openssl = (...args: string[]) => execute('openssl', args, { cwd: folder })
  for (const name of ['lab', 'stranger']) {
    const subject = ['-subj', `/CN=${name}`, '-days', '2', '-nodes', '-newkey', 'rsa:2048']
    await openssl('req', '-x509', ...subject, '-keyout', `${name}.key`, '-out', `${name}.pem`)
  }
  const sign = async (name: string, authority: Authority, names = '') => {
    const request = ['-nodes', '-newkey', 'rsa:2048', '-subj', `/CN=${name}`]
    await openssl('req', ...request, '-keyout', `${name}.key`, '-out', `${name}.csr`)
    await writeFile(join(folder, `${name}.ext`), names)
    const by = ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial']
    await openssl(
      'x509',
      '-req',
      '-days',
      '2',
      ...by,
      '-in',
      `${name}.csr`,
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    )
  }
  await sign('server', 'lab', 'subjectAltName=IP:127.0.0.1')
  const text = (file: string) => readFile(join(folder, file))
  const [ca, cert, key] = [await text('lab.pem'), await text('server.pem'), await text('server.key')]
  const open = new Set<TLSSocket>()
  const server = createServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true }, (client) => {
    open.add(client)
    const engine = connect(socketPath)
    client.pipe(engine).pipe(client)
    client.on('error', () => engine.destroy()).on('close', () => engine.destroy())
    engine.on('error', () => client.destroy()).on('close', () => client.destroy())
    client.on('close', () => open.delete(client))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    host: `tcp://127.0.0.1:${port}`,
    port,
    folder,
    async keys(name, { ca, client }) {
      await sign(name, client)
      const path = join(folder, `${name}-keys`)
      await mkdir(path)
      await writeFile(join(path, 'ca.pem'), await text(`${ca}.pem`))
      await writeFile(join(path, 'cert.pem'), await text(`${name}.pem`))
      await writeFile(join(path, 'key.pem'), await text(`${name}.key`))
      return path
    },
    async [Symbol.asyncDispose]() {
      for (const client of open) client.destroy()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true })
    },
  }
}
