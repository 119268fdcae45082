import { expect, test } from 'vitest'
import { certificatesOf } from '../../../src/settings/engine-address.ts'

// Trouble (input): an administrator's shell names certificates, and the service reaches the engine through a socket
test.each([
  ['unix:///var/run/docker.sock', '1', '/certs', null],
  ['tcp://engine:2376', undefined, '/certs', null],
  ['tcp://engine:2376', '1', undefined, null],
  ['tcp://engine:2376', '1', '/certs', '/certs'],
])('certificates count only for TLS over TCP: %s, verify %s, path %s', (socket, verify, path, expected) => {
  const values = { DOCKER_HOST: socket, DOCKER_TLS_VERIFY: verify, DOCKER_CERT_PATH: path }
  expect(certificatesOf(values)).toBe(expected)
})
