import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { docker } from './docker.ts'

/** Docker Compose as this machine has it: the plugin, or the older command. */
export async function composeCommand(): Promise<[string, ...string[]]> {
  const hasPlugin = await docker('compose', 'version').then(
    () => true,
    () => false,
  )
  return hasPlugin ? ['docker', 'compose'] : ['docker-compose']
}

/** Runs Compose on the file of this version in a folder; gives its output. */
export async function composeIn(folder: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const [command, ...first] = await composeCommand()
  const { stdout, stderr } = await promisify(execFile)(
    command,
    [...first, '--file', 'docker-compose.production.yml', ...args],
    { cwd: folder, env: { ...process.env, ...env } },
  )
  return stdout + stderr
}
