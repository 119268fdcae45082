import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'

/** TLS in front of another port of this machine, with a certificate that nobody has signed. It reads none of the bytes. */
export async function httpsFront(): Promise<AsyncDisposable & { port: number; leadTo(port: number): void }> {
  let towards = 0
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-https-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const made = ['req', '-x509', '-subj', '/CN=lab', '-days', '2', '-nodes', '-newkey', 'rsa:2048']
  await promisify(execFile)('openssl', [...made, '-keyout', key, '-out', cert])
  const open = new Set<TLSSocket>()
  const server = createServer({ key: await readFile(key), cert: await readFile(cert) }, (client) => {
    const upstream = connect(towards, '127.0.0.1')
    open.add(client)
    client.pipe(upstream).pipe(client)
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy())
    client.on('close', () => open.delete(client))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(port) {
      towards = port
    },
    async [Symbol.asyncDispose]() {
      for (const client of open) client.destroy()
      server.close()
      await rm(folder, { recursive: true })
    },
  }
}
