/**
 * Reads and changes the text of `production.env`. The service reads this file with dotenv, and Compose reads it too.
 */

/** An assignment as dotenv 18 finds it. The sign before the value is a group of its own. */
const assignment =
  /^\s*(?:export\s+)?([\w.-]+)(\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/dgm

/**
 * Changes one setting in the text and nothing else. The last line that sets it is the one that counts: its value is
 * replaced. If no line sets it, a new line is added at the end. `value` is written as it is: see `writtenValue`.
 */
export function setSetting(text: string, name: string, value: string): string {
  const place = lastValue(text, name)
  if (place) return text.slice(0, place.from) + value + text.slice(place.to)
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const gap = text === '' || /[\r\n]$/.test(text) ? '' : lineEnd
  return `${text}${gap}${name}=${value}${lineEnd}`
}

function lastValue(text: string, name: string): { from: number; to: number } | null {
  const match = Array.from(text.matchAll(assignment))
    .filter(([, found]) => found === name)
    .at(-1)
  if (!match?.indices) return null
  const [, , sign, value] = match.indices
  if (!sign) return null
  if (!value) return { from: sign[1], to: sign[1] }
  // Keep the blanks around the value: those after it separate it from a comment.
  const written = text.slice(...value)
  const before = written.trim() === '' ? 0 : written.length - written.trimStart().length
  return { from: value[0] + before, to: value[0] + before + written.trim().length }
}

/**
 * The value in a form that dotenv and both generations of Compose read alike; null if there is no such form. Compose
 * 1.29 replaces `${…}` even in single quotes, and the three treat backslashes differently.
 */
export function writtenValue(value: string): string | null {
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}'"`$\\]/u.test(value) || value !== value.trim()) return null
  return /[\s#]/u.test(value) ? `'${value}'` : value
}

/**
 * The numbers of lines that are neither a setting, nor a comment, nor empty. No reader takes such a line as its author
 * meant it.
 */
export function strayLines(text: string): number[] {
  const rest = text.replace(/^\uFEFF/, '').replace(assignment, (match) => match.replace(/[^\r\n]/g, ''))
  return rest.split(/\r\n|\r|\n/).flatMap((line, index) => (/^\s*(#.*)?$/.test(line) ? [] : [index + 1]))
}
