import { errandNameForm, type ResticUses, type RunRestic } from './restic-run.ts'

/**
 * Removes the locks that a killed restic left, if all locks are provably ours and idle: the host name in each is the name of an
 * errand of ours, and the engine has no such container any more. Gives whether the repository is free now.
 */
export async function removeOwnLocks(
  run: RunRestic,
  engine: ResticUses['engine'],
  owner: string,
  options: { signal?: AbortSignal },
): Promise<boolean> {
  const ids: string[] = []
  const list = { doing: 'list the locks', args: ['list', 'locks'], readOnly: true }
  await run(
    { ...list, onLine: (line) => void (/^"?[0-9a-f]{64}"?$/.test(line.trim()) && ids.push(line.trim())) },
    options,
  )
  for (const id of ids) {
    let text = ''
    const cat = { doing: 'read a lock', args: ['cat', 'lock', id.replaceAll('"', '')], readOnly: true }
    await run(
      {
        ...cat,
        onLine: (line) => {
          text += line
        },
      },
      options,
    )
    const host = /"hostname":\s*"([^"]*)"/.exec(text)?.[1] ?? ''
    const isOurs = errandNameForm.test(host) && host.startsWith(`ai-lab-restic-${owner.slice(0, 8)}-`)
    if (!isOurs || (await engine.inspect(host, options))) return false
  }
  await run({ doing: 'remove our own locks', args: ['unlock', '--remove-all'] }, options)
  return true
}
