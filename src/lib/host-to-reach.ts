/** The host at which a program on this machine reaches a server that listens at `host`. */
export function hostToReach(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
}
