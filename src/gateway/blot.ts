const filler = 'x'

/** Overwrites a secret in a text that comes in pieces. */
export type Blot = {
  /** The next piece, without its last octets if the secret may begin in them. */
  pass(piece: Buffer): Buffer
  /** The octets that `pass` has kept back. */
  rest(): Buffer
}

/** Jupyter's servers write their token into their pages. The text keeps its length, so that `Content-Length` stays right. */
export function createBlot(secret: string): Blot {
  if (secret === '') return { pass: (piece) => piece, rest: () => Buffer.alloc(0) } // an empty text is found everywhere
  const wanted = Buffer.from(secret)
  const blank = Buffer.alloc(wanted.length, filler)
  let kept = Buffer.alloc(0)
  return {
    pass(piece) {
      const text = Buffer.concat([kept, piece])
      for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) blank.copy(text, at)
      const end = text.length - beginningAtEnd(text, wanted)
      kept = Buffer.from(text.subarray(end))
      return text.subarray(0, end)
    },
    rest() {
      const rest = kept
      kept = Buffer.alloc(0)
      return rest
    },
  }
}

/** Whether an answer of that type is a page: programs write their token into those. */
export function isPage(type: string | string[] | undefined): boolean {
  return /^\s*(text\/html|application\/xhtml)/i.test(String(type))
}

/** How many of the last octets of a text are the first ones of what is wanted. */
function beginningAtEnd(text: Buffer, wanted: Buffer): number {
  for (let length = Math.min(wanted.length - 1, text.length); length > 0; length -= 1) {
    if (text.subarray(text.length - length).equals(wanted.subarray(0, length))) return length
  }
  return 0
}
