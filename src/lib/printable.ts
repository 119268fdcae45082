/** Characters that are invisible or change what is visible: control, format (direction too), line ends, lone surrogates. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Text, or the bytes of a file's name, safe for people to read: anything that could steer a terminal becomes `\x1b`. */
export function printable(text: string | Uint8Array): string {
  const words = typeof text === 'string' ? text : (utf8Of(text) ?? escaped(text))
  return words.replace(unseen, (character) => hex(character.codePointAt(0) ?? 0))
}

/** The same for text of several lines, which stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** A program's output, safe for a terminal: keeps colours, puts overwritten text on lines of its own, drops all other control. */
export function harmlessOutput(text: string): string {
  return text.replace(/\p{Cc}(?:\[[\d;]*m)?/gu, (found) => {
    if (found === '\r') return '\n'
    if (found === '\t' || /^\u{1b}\[/u.test(found)) return found
    return hex(found.charCodeAt(0)) + found.slice(1)
  })
}

/** The bytes as text if they are UTF-8, else null. Keeps a byte order mark. */
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
