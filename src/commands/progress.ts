/** A line that says what the command waits for; shown to people only, and only after more than a second. */
export function createProgress(stream: NodeJS.WriteStream): { show: (what: string) => void; clear: () => void } {
  let current = ''
  let isShown = false
  const draw = () => {
    isShown = true
    stream.write(`\r\x1b[2KLooking at ${current} …`)
  }
  const timer = stream.isTTY ? setTimeout(draw, 1000) : undefined
  return {
    show(what) {
      current = what
      if (isShown) draw()
    },
    clear() {
      clearTimeout(timer)
      if (isShown) stream.write('\r\x1b[2K')
      isShown = false
    },
  }
}
