import { printable, utf8Of } from './printable.ts'

/** One word of a shell's command line, for text or for the bytes of a path, whatever is in it. */
export function shellQuote(word: string | Uint8Array): string {
  const text = typeof word === 'string' ? word : utf8Of(word)
  if (text !== null && printable(text) === text) {
    return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
  }
  return `$'${Array.from(typeof word === 'string' ? new TextEncoder().encode(word) : word, ansiC).join('')}'`
}

/** A byte inside `$'…'`, which bash, zsh and POSIX of 2024 know: anything but plain ASCII by its number. */
function ansiC(octet: number): string {
  const character = String.fromCharCode(octet)
  if (character === "'" || character === '\\') return `\\${character}`
  return octet >= 0x20 && octet < 0x7f ? character : `\\${octet.toString(8).padStart(3, '0')}`
}
