import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import type { HostNetwork } from '../ports/host-network.ts'

const limitMs = 10_000

// If the kernel asks for a container before its network is up, it asks again: by default after 1 s, three times.
const neighbourSettings = { retrans_time_ms: 20, mcast_solicit: 150 }

export const hostNetwork: HostNetwork = {
  rules: () => run('iptables', ['--wait', '-S'], ''),
  async restore(text) {
    await run('iptables-restore', ['--wait', '--noflush'], text)
  },
  async askOften(bridge) {
    for (const [name, value] of Object.entries(neighbourSettings)) {
      await writeFile(`/proc/sys/net/ipv4/neigh/${bridge}/${name}`, String(value), { flag: 'r+' }).catch(unlessMissing)
    }
  },
}

function run(command: string, args: string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // Not `timeout`: its timer stays if there is no such program, and keeps this process from ending.
    const child = spawn(command, args, { signal: AbortSignal.timeout(limitMs) })
    const [out, trouble]: [string[], string[]] = [[], []]
    child.stdout.on('data', (text) => out.push(String(text)))
    child.stderr.on('data', (text) => trouble.push(String(text)))
    child.once('error', (error) => reject(new Error(`${command}: ${error.message}`, { cause: error })))
    child.once('close', (code) => {
      if (code === 0) resolve(out.join(''))
      else reject(new Error(`${command}: ${trouble.join('').trim() || `it ended with ${code}`}`))
    })
    child.stdin.on('error', () => {}) // the command ended before it read everything; its exit code says why
    child.stdin.end(input)
  })
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
