import type DockerodeClass from 'dockerode'
import { leaveOut, load, requireOf } from '../lib/leave-out.ts'

/**
 * Loads dockerode without the packages that it never uses here: gRPC and protobuf serve BuildKit sessions, ssh2 serves
 * engines behind ssh. They would cost 70 ms of every start, and memory as long as the service runs.
 */
export function loadDockerode(): typeof DockerodeClass {
  const ofDockerode = requireOf('dockerode')
  leaveOut(ofDockerode, '@grpc/grpc-js')
  leaveOut(ofDockerode, '@grpc/proto-loader')
  leaveOut(requireOf('docker-modem', ofDockerode), 'ssh2')
  return load('dockerode')
}
