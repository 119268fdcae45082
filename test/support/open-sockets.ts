import { readFileSync } from 'node:fs'

const listens = '0A'

/** How many connections to a port of 127.0.0.1 the server there holds open, as the kernel counts them. */
export function socketsAt(port: number): number {
  const at = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const sockets = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n')
  return sockets.filter((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
    return local === at && state !== listens && inode !== '0' // 0: no process has it any more
  }).length
}
