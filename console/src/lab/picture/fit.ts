const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u
const broad = /^[MWmw@%]$/

const columnsOf = (letter: string) => (wide.test(letter) ? 2 : broad.test(letter) ? 1.5 : 1)

/**
 * A text cut to that many pixels, if a letter is so wide; `keep`: which end stays whole, or a part of both. Pure.
 */
export function fitted(text: string, width: number, letter: number, keep: 'start' | 'end' | 'both' = 'start'): string {
  const most = Math.max(2, Math.floor(width / letter))
  const first = cut(text, most)
  if (first === text) return text
  const tail = { start: 0, end: most - 1, both: Math.floor((most - 1) * 0.4) }[keep]
  return `${cut(text, most - 1 - tail)}…${cut(text, tail, 'end')}`
}

/** As many letters from one end as fit into so many columns; wide ones take more than one. */
function cut(text: string, columns: number, from: 'start' | 'end' = 'start'): string {
  // Much longer than it can be shown: cutting it first saves the time of segmenting 10,000 letters.
  const near = from === 'start' ? text.slice(0, columns * 16) : text.slice(-columns * 16 || text.length)
  const all = Array.from(letters.segment(near), ({ segment }) => segment)
  let left = columns
  const kept = (from === 'start' ? all : all.toReversed()).filter((segment) => {
    left -= columnsOf(segment)
    return left >= 0
  })
  return (from === 'start' ? kept : kept.toReversed()).join('')
}
