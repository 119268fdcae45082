import { type UserId, userId, userIdRule } from '../people/user-id.ts'
import type { LegacyMap } from './legacy-name.ts'

/**
 * Reads a mapping file: a line for each legacy folder, `demo_at_ailab_com = demo@ailab.com`, or `old_tests = -` to
 * leave one out. A name with odd characters in it is written as JSON does: `"a\tb" = demo@ailab.com`. Empty lines and
 * lines with `#` in front do not count.
 *
 * @throws Error with all mistakes, a line each, by their line's number
 */
export function parseLegacyMap(text: string, file: string): LegacyMap {
  const map = new Map<string, UserId | null>()
  const mistakes: string[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const mistake = readLine(line, map)
    if (mistake) mistakes.push(`${file}, line ${index + 1}: ${mistake}`)
  }
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'))
  return map
}

const unseen = /[\p{C}\p{Zl}\p{Zp}]/gu

/** A name in the form of the mapping file, so that people can paste a printed line there. */
export function mapName(name: string): string {
  if (/^[^\s"#=][^"=]*(?<!\s)$/.test(name) && name.search(unseen) < 0) return name
  return JSON.stringify(name).replace(unseen, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}

function readLine(line: string, map: Map<string, UserId | null>): string | null {
  const [, written = '', value = ''] = /^\s*("(?:[^"\\]|\\.)*"|[^"=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? []
  const name = written.startsWith('"') ? fromJson(written) : written
  if (!name) return 'write it as <legacy folder> = <user id>'
  const user = value === '-' ? null : (userId.safeParse(value).data ?? undefined)
  if (user === undefined) return `${JSON.stringify(value)} is no user id. ${userIdRule} Write - to leave a folder out.`
  if (map.has(name) && map.get(name) !== user) return `${mapName(name)} was given to another user further up`
  map.set(name, user)
  return null
}

function fromJson(text: string): string | null {
  try {
    return JSON.parse(text) as string
  } catch {
    return null
  }
}
