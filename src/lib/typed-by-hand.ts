/** Writes `ailab` as it is typed in the folder of the clone, where it is not on the PATH: `bin/ailab`. */
export function typedByHand(text: string): string {
  return text.replace(/(?<![\w/-])ailab(?= (backup|doctor|drill|forget-root|migrate|rebuild|token)\b)/g, 'bin/ailab')
}
