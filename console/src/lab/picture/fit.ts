const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u

/** A text cut to that many pixels, if a letter is so wide; `keep`: which end stays whole. Pure. */
export function fitted(text: string, width: number, letter: number, keep: 'start' | 'end' = 'start'): string {
  const most = Math.max(2, Math.floor(width / letter))
  if (text.length <= most && !wide.test(text)) return text
  // Much longer than it can be shown: cutting it first saves the time of segmenting 10,000 letters.
  const near = keep === 'start' ? text.slice(0, most * 16) : text.slice(-most * 16)
  const all = Array.from(letters.segment(near), ({ segment }) => segment)
  const sized = all.map((segment) => ({ segment, size: wide.test(segment) ? 2 : 1 }))
  if (near.length === text.length && sized.reduce((sum, { size }) => sum + size, 0) <= most) return text
  const kept: string[] = []
  let left = most - 1
  for (const { segment, size } of keep === 'start' ? sized : sized.toReversed()) {
    if (size > left) break
    kept.push(segment)
    left -= size
  }
  return keep === 'start' ? `${kept.join('')}…` : `…${kept.reverse().join('')}`
}
