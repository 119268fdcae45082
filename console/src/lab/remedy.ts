/** Finds a program in the words of a remedy, with its arguments up to the end. */
const program = /(^|: |\. )((?:echo|docker|ailab|mount|chown|chmod|cp|mv|systemctl) [^\n]+?)\.?$/
const recreation = /POST (\/api\/environments\/[\w.-]+\/recreate)/
const setting = /Set ([A-Z_]+=[^\s,;]+)/

/** The cure in words, and the command that an administrator can copy for it; null: the remedy has no command. */
export type Remedy = { words: string; command: string | null }

/** Takes the command, call or setting out of a finding's remedy. Pure. */
export function remedyIn(remedy: string, service: string): Remedy {
  const [, path] = recreation.exec(remedy) ?? []
  if (path) {
    const command = `curl -X POST -H "Authorization: Bearer $TOKEN" ${service.replace(/\/$/, '')}${path}`
    return { words: remedy, command }
  }
  const found = program.exec(remedy)
  if (found?.[2]) return { words: remedy.slice(0, found.index + (found[1]?.trimEnd().length ?? 0)), command: found[2] }
  return { words: remedy, command: setting.exec(remedy)?.[1] ?? null }
}
