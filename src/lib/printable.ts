/** Cannot be seen, or changes what is seen: control and format characters (of direction too), line ends, lone halves. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Text, or the bytes of a file's name, as a person may see it: what could steer a terminal stands there as `\x1b`. */
export function printable(text: string | Uint8Array): string {
  const words = typeof text === 'string' ? text : (utf8Of(text) ?? escaped(text))
  return words.replace(unseen, (character) => hex(character.codePointAt(0) ?? 0))
}

/** What a program wrote, as a terminal may show it: in its colours, a line for each that it wrote over, nothing else that steers. */
export function harmlessOutput(text: string): string {
  return text.replace(/\p{Cc}(?:\[[\d;]*m)?/gu, (found) => {
    if (found === '\r') return '\n'
    if (found === '\t' || /^\u{1b}\[/u.test(found)) return found
    return hex(found.charCodeAt(0)) + found.slice(1)
  })
}

/** The text of bytes that are UTF-8; null for others. A byte order mark stays. */
export function utf8Of(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function escaped(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => (octet < 0x80 ? String.fromCharCode(octet) : hex(octet))).join('')
}

function hex(code: number): string {
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}
