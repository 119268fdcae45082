/** Gives a text that ends as a sentence does: somebody else's words in it, such as the engine's, may have no full stop. */
export function asSentence(text: string): string {
  const trimmed = text.trimEnd()
  return /[.:?!]$/.test(trimmed) ? trimmed : `${trimmed}.`
}
