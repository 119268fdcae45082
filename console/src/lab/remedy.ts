/** A program that remedies of findings name, with what follows it to the end. */
const program = /(^|: |\. )((?:echo|docker|ailab|mount|chown|chmod|cp|mv|systemctl) [^\n]+?)\.?$/
const recreation = /POST (\/api\/environments\/[\w.-]+\/recreate)/
const setting = /Set ([A-Z_]+=[^\s,;]+)/

/** What to do in words, and what an administrator can copy for it; null if there is nothing to copy. */
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
