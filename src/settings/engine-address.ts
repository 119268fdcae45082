import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { EngineAddress } from '../domain/engine-address.ts'

type Values = { DOCKER_HOST: string; DOCKER_TLS_VERIFY?: string | undefined; DOCKER_CERT_PATH?: string | undefined }

/**
 * The engine that the settings name. With DOCKER_TLS_VERIFY the service uses TLS over TCP, with the files that Docker's
 * own command line takes.
 */
export function engineAddress(values: Values, folder: string): { engine: EngineAddress; mistakes: string[] } {
  const { DOCKER_HOST: socket, DOCKER_TLS_VERIFY: verify, DOCKER_CERT_PATH: path } = values
  const plain = { socket, tls: null }
  const certificates = certificatesOf(values)
  if (certificates !== null) return overTls(socket, resolve(folder, certificates))
  if (!socket.startsWith('tcp://')) return { engine: plain, mistakes: [] }
  if (verify) return { engine: plain, mistakes: [`DOCKER_CERT_PATH: is missing. ${filesWanted}`] }
  const unverified = 'DOCKER_TLS_VERIFY: is missing, though DOCKER_CERT_PATH is set. Write 1, or leave both out.'
  return { engine: plain, mistakes: path ? [unverified] : [] }
}

/** The folder of the certificates, if the settings ask for TLS; else null. */
export function certificatesOf({ DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH }: Values): string | null {
  return (DOCKER_HOST.startsWith('tcp://') && DOCKER_TLS_VERIFY && DOCKER_CERT_PATH) || null
}

const filesWanted = 'With DOCKER_TLS_VERIFY it names the folder of ca.pem, cert.pem and key.pem.'

function overTls(socket: string, folder: string): { engine: EngineAddress; mistakes: string[] } {
  const mistakes: string[] = []
  const text = (name: string) => {
    try {
      return readFileSync(join(folder, name), 'utf8')
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : error
      mistakes.push(`DOCKER_CERT_PATH: ${join(folder, name)} cannot be read (${code}). ${filesWanted}`)
      return ''
    }
  }
  const tls = { ca: text('ca.pem'), cert: text('cert.pem'), key: text('key.pem') }
  return { engine: { socket, tls: mistakes.length > 0 ? null : tls }, mistakes }
}
