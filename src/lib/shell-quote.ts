import { printable, utf8Of } from './printable.ts'

/** Text, or the bytes of a path, as one word of a shell's command line, whatever it contains. */
export function shellQuote(word: string | Uint8Array): string {
  const text = typeof word === 'string' ? word : utf8Of(word)
  if (text !== null && printable(text) === text) {
    return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
  }
  return `$'${Array.from(typeof word === 'string' ? new TextEncoder().encode(word) : word, ansiC).join('')}'`
}

/** A byte inside `$'…'` (known to bash, zsh and POSIX 2024): everything but plain ASCII as its number. */
function ansiC(octet: number): string {
  const character = String.fromCharCode(octet)
  if (character === "'" || character === '\\') return `\\${character}`
  return octet >= 0x20 && octet < 0x7f ? character : `\\${octet.toString(8).padStart(3, '0')}`
}
