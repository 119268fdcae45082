/** `production.env` as text. dotenv, which the service reads it with, and Compose, which reads it too, are its readers. */

/** An assignment as dotenv 18 finds it, with the sign before the value in a group of its own. */
const assignment =
  /^\s*(?:export\s+)?([\w.-]+)(\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/dgm

/**
 * The text with that setting changed, and nothing else: the value of the last line that sets it, which is the one that
 * counts, or a new line at the end. `value` is written as it is: see `writtenValue`.
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
  // Blanks before the value and after it stay: those after it keep a comment apart.
  const written = text.slice(...value)
  const before = written.trim() === '' ? 0 : written.length - written.trimStart().length
  return { from: value[0] + before, to: value[0] + before + written.trim().length }
}

/**
 * A value as it is written, so that dotenv and both generations of Compose read the same; null where there is no such
 * way. In single quotes Compose 1.29 still replaces `${…}`, and each has its own idea of backslashes.
 */
export function writtenValue(value: string): string | null {
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}'"`$\\]/u.test(value) || value !== value.trim()) return null
  return /[\s#]/u.test(value) ? `'${value}'` : value
}

/** The numbers of lines that are neither a setting, nor a comment, nor empty: nobody reads them as they are meant. */
export function strayLines(text: string): number[] {
  const rest = text.replace(/^\uFEFF/, '').replace(assignment, (match) => match.replace(/[^\r\n]/g, ''))
  return rest.split(/\r\n|\r|\n/).flatMap((line, index) => (/^\s*(#.*)?$/.test(line) ? [] : [index + 1]))
}
