import { printNote, printTable } from './table.ts'

type Peer = { figure: string; jupyterHub: string; flask: string }

/** JupyterHub 5.2 with DockerSpawner 14, and the earlier Flask backend of this platform. */
const peers = {
  create: { figure: 'create to ready, against the bare engine', jupyterHub: '2.26', flask: '1.07' },
  list: { figure: 'list, 10 running (20 connections)', jupyterHub: '107/s, p99 230 ms', flask: '20/s, p99 1.3 s' },
  health: { figure: 'health (20 connections)', jupyterHub: '2,760/s', flask: '1,064/s' },
  memory: { figure: 'idle resident memory', jupyterHub: '175 MiB (hub and proxy)', flask: '77 MiB' },
  start: { figure: 'start to first answer', jupyterHub: '1.56 s', flask: '0.59 s' },
} as const satisfies Record<string, Peer>

/** Prints the figures of other systems, marked so that nobody takes them for figures of this run. */
export function printPeers(...names: (keyof typeof peers)[]): void {
  printNote('For comparison, measured earlier on the same kind of machine (2 cores, 2026-11-24), not in this run:')
  printTable(
    [
      { title: 'figure' },
      { title: 'JupyterHub 5.2 + DockerSpawner 14', align: 'right' },
      { title: 'earlier Flask backend', align: 'right' },
    ],
    names.map((name) => [peers[name].figure, peers[name].jupyterHub, peers[name].flask]),
  )
}
