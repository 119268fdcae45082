import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** One command of docker's own command line; gives its output. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await execute('docker', args, { maxBuffer: 2 ** 24 })
  return stdout.trim()
}

/** Names of the containers with that label, running or not. */
export async function containersWith(label: string): Promise<string[]> {
  const text = await docker('ps', '--all', '--filter', `label=${label}`, '--format', '{{.Names}}')
  return text === '' ? [] : text.split('\n')
}

/** The containers through which the engine's view of a data root is read. */
export async function probesOf(rootId: string): Promise<string[]> {
  const names = await containersWith('ai-lab.probe')
  return names.filter((name) => name.startsWith(`ai-lab-probe-${rootId.slice(0, 8)}-`))
}

/** The volumes by which the engine remembers a data root. */
export async function witnessesOf(rootId: string): Promise<string[]> {
  const text = await docker('volume', 'ls', '--filter', `label=ai-lab.root=${rootId}`, '--format', '{{.Name}}')
  return text === '' ? [] : text.split('\n')
}

/** All volumes by which the engine remembers data roots. */
export async function witnesses(): Promise<{ name: string; hostPath: string }[]> {
  const format = '{{.Name}}\t{{.Label "ai-lab.host-path"}}'
  const text = await docker('volume', 'ls', '--filter', 'label=ai-lab.host-path', '--format', format)
  const rows = text === '' ? [] : text.split('\n').map((line) => line.split('\t'))
  return rows.map(([name = '', hostPath = '']) => ({ name, hostPath }))
}

/** The volumes of data roots in a folder. */
export async function witnessesAt(folder: string): Promise<string[]> {
  const found = (await witnesses()).filter(({ hostPath }) => `${hostPath}/`.startsWith(`${folder}/`))
  return found.map(({ name }) => name)
}

/** Removes everything of one data root from the engine, and of earlier data roots on its path. */
export async function removeAllOf(rootId: string, dataDir?: string): Promise<void> {
  const [containers, probes, own, before] = await Promise.all([
    containersWith(`ai-lab.root=${rootId}`),
    probesOf(rootId),
    witnessesOf(rootId),
    dataDir === undefined ? [] : witnessesAt(dataDir),
  ])
  const names = [...containers, ...probes]
  if (names.length > 0) await docker('rm', '--force', '--volumes', ...names).catch(goneAnyway)
  const volumes = new Set([...own, ...before])
  if (volumes.size > 0) await docker('volume', 'rm', ...volumes)
}

/** The service removes its probe when it ends, and the engine may still be removing it. */
function goneAnyway(error: Error): void {
  if (!/already in progress|No such container/.test(error.message)) throw error
}
