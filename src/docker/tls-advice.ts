/** First match. */
const cures: [RegExp, string][] = [
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)|CERT_SIGNATURE_FAILURE)$/,
    'The certificate that the engine shows is not signed by the authority in ca.pem. Put the ca.pem that signed it into DOCKER_CERT_PATH.',
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    'The certificate that the engine shows is not valid at this time. Renew it, or set the clock right.',
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'The certificate that the engine shows is for another name. Write in DOCKER_HOST a name that it is for.',
  ],
  [
    /^ERR_SSL_.*(ALERT_(CERTIFICATE_REQUIRED|UNKNOWN_CA|BAD_CERTIFICATE|HANDSHAKE_FAILURE|CERTIFICATE_EXPIRED|ACCESS_DENIED)|ALERT_.*CERTIFICATE.*)$/,
    'The engine refuses the certificate of the service. Put a cert.pem and key.pem into DOCKER_CERT_PATH that are signed by the authority that the engine trusts.',
  ],
  [
    /^TLS_CUT$/,
    'The engine cut the connection. It also does so if it refuses the certificate of the service: put a cert.pem and key.pem into DOCKER_CERT_PATH that are signed by the authority that the engine trusts.',
  ],
  [
    /^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|EPROTO)$/,
    'The program on that port does not speak TLS. Use the port that does (usually 2376), or leave DOCKER_TLS_VERIFY out.',
  ],
  [
    /^(ERR_OSSL_.*|ERR_SSL_.*KEY.*|ERR_CRYPTO_.*)$/,
    'The files in DOCKER_CERT_PATH cannot be used: cert.pem and key.pem have to be a certificate and its key, in PEM.',
  ],
]

/** Advice about an error of a TLS connection to the engine, by its code; null for any other error. Pure. */
export function tlsAdvice(code: string): string | null {
  return cures.find(([pattern]) => pattern.test(code))?.[1] ?? null
}
