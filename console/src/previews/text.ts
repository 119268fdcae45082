/** Text out of the first bytes of a file. Pure. */

/** The bytes as UTF-8; null if they are no text. A character that is cut at the end is left out. */
export function textOf(bytes: ArrayBuffer, isWhole: boolean): string | null {
  const start = new Uint8Array(bytes, 0, Math.min(bytes.byteLength, 8_192))
  if (start.includes(0)) return null
  return new TextDecoder('utf-8').decode(bytes, { stream: !isWhole })
}

const escapes = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g

/** Without the colours and moves of terminals (ECMA-48). */
export function withoutEscapes(text: string): string {
  return text.replace(escapes, '')
}

/** The first characters of a text, and how many more it has. */
export function cutText(text: string, atMost: number): { text: string; more: number } {
  if (text.length <= atMost) return { text, more: 0 }
  const cut = text.slice(0, atMost).replace(/[\ud800-\udbff]$/, '')
  return { text: cut, more: text.length - cut.length }
}
