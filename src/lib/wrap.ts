/** Breaks text between words into lines of at most `width` characters. Keeps its line ends; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = []
    let current = ''
    for (const word of line.split(' ')) {
      if (current !== '' && current.length + 1 + word.length > width) {
        lines.push(current)
        current = word
      } else {
        current = current === '' ? word : `${current} ${word}`
      }
    }
    return [...lines, current]
  })
}
