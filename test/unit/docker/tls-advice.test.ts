import { expect, test } from 'vitest'
import { engineProblem } from '../../../src/docker/engine-problem.ts'
import { tlsAdvice } from '../../../src/docker/tls-advice.ts'

test.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', 'not signed by the authority in ca.pem'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'not signed by the authority in ca.pem'],
  ['CERT_HAS_EXPIRED', 'not valid at this time'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another name'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'The engine refuses the certificate'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'The engine refuses the certificate'],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'The engine refuses the certificate'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'The engine refuses the certificate'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'does not speak TLS'],
  ['ERR_OSSL_X509_KEY_VALUES_MISMATCH', 'have to be a certificate and its key'],
])('the advice for %s says: %s', (code, words) => {
  expect(tlsAdvice(code)).toContain(words)
})

test.each(['ECONNREFUSED', 'ECONNRESET', 'ENOENT'])('there is no advice for %s, which is not about TLS', (code) => {
  expect(tlsAdvice(code)).toBeNull()
})

test('when the service speaks plain text to a TLS port, the problem names the settings to change', () => {
  const error = Object.assign(
    new Error('(HTTP code 400) bad parameter - Client sent an HTTP request to an HTTPS server.'),
    {
      statusCode: 400,
    },
  )
  const problem = engineProblem(error, 'tell its version')
  expect(problem.code).toBe('engine-unavailable')
  expect(problem.adminDetail).toContain('Set DOCKER_TLS_VERIFY=1')
})
