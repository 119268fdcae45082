import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** One command of docker's own command line; gives what it printed. */
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

/** The volumes by which the engine remembers data roots in a folder. */
export async function witnessesAt(folder: string): Promise<string[]> {
  const format = '{{.Name}}\t{{.Label "ai-lab.host-path"}}'
  const lines = (await docker('volume', 'ls', '--filter', 'label=ai-lab.host-path', '--format', format)).split('\n')
  return lines.filter((line) => line.split('\t')[1]?.startsWith(folder))
}

/** Removes all that the engine has of one data root. */
export async function removeAllOf(rootId: string): Promise<void> {
  const names = [...(await containersWith(`ai-lab.root=${rootId}`)), ...(await probesOf(rootId))]
  if (names.length > 0) await docker('rm', '--force', '--volumes', ...names).catch(goneAnyway)
  const witnesses = await witnessesOf(rootId)
  if (witnesses.length > 0) await docker('volume', 'rm', ...witnesses)
}

/** The service removes its probe when it ends, and the engine may be at it still. */
function goneAnyway(error: Error): void {
  if (!/already in progress|No such container/.test(error.message)) throw error
}
