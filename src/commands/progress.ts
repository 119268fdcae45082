/** A line that says what is being waited for, for people only, and only where it takes more than a second. */
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
