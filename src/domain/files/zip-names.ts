import { bytesOf, type Octets } from '../../lib/octets.ts'
import { utf8Of } from '../../lib/printable.ts'

/**
 * The names that the entries of one folder get in a zip archive, whose names are UTF-8, have `/` between folders, and may be opened on
 * Windows. An octet that cannot stand in such a name becomes `%` and two digits; of two entries with one name, the second gets a
 * number. Pure.
 */
export function zipNames(names: readonly Octets[]): Map<Octets, string> {
  const given = new Map<Octets, string>()
  const changed: [Octets, string][] = []
  for (const name of names) {
    const text = textOf(name)
    if (bytesOf(name).equals(Buffer.from(text))) given.set(name, text)
    else changed.push([name, text])
  }
  // A name that stays as it is keeps it.
  const taken = new Set(given.values())
  for (const [name, text] of changed) {
    const free = freeName(text, taken)
    taken.add(free)
    given.set(name, free)
  }
  return given
}

function textOf(name: Octets): string {
  const text = utf8Of(bytesOf(name)) ?? name.replace(/[\x80-\xff]/g, escaped)
  // A backslash would part folders, a letter with a colon would name a drive, and unzip drops control characters.
  return text.replace(/[\\\x00-\x1f\x7f]/g, escaped).replace(/^([A-Za-z]):/, `$1${escaped(':')}`)
}

function freeName(text: string, taken: ReadonlySet<string>): string {
  let free = text
  for (let number = 2; taken.has(free); number += 1) free = `${text}~${number}`
  return free
}

function escaped(octet: string): string {
  return `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
