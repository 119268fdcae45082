import { createRequire } from 'node:module'
import type DockerodeClass from 'dockerode'

/**
 * Loads dockerode without what it never uses here: gRPC and protobuf serve BuildKit sessions, ssh2 serves engines behind
 * ssh. Loading them takes 70 ms of every start, and memory for as long as the service runs.
 */
export function loadDockerode(): typeof DockerodeClass {
  const here = createRequire(import.meta.url)
  const ofDockerode = createRequire(here.resolve('dockerode'))
  const ofModem = createRequire(ofDockerode.resolve('docker-modem'))
  leaveOut(ofDockerode, '@grpc/grpc-js')
  leaveOut(ofDockerode, '@grpc/proto-loader')
  leaveOut(ofModem, 'ssh2')
  return here('dockerode')
}

function leaveOut(require: NodeJS.Require, name: string): void {
  const file = require.resolve(name)
  require.cache[file] ??= Object.assign(Object.create(null), { id: file, filename: file, loaded: true, exports: {} })
}
