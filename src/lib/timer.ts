// The longest wait of a timer in Node.js; a longer one overflows and fires after a millisecond.
const longestMs = 2 ** 31 - 1

/** Calls back once after `ms`, however long that is. Gives a function that cancels it. `unref`: does not keep the process alive. */
export function startTimer(ms: number, call: () => void, { unref = false } = {}): () => void {
  let timer = wait(ms)

  function wait(remainingMs: number): NodeJS.Timeout {
    if (remainingMs <= longestMs) return made(setTimeout(call, remainingMs))
    return made(
      setTimeout(() => {
        timer = wait(remainingMs - longestMs)
      }, longestMs),
    )
  }

  function made(stretch: NodeJS.Timeout): NodeJS.Timeout {
    return unref ? stretch.unref() : stretch
  }

  return () => clearTimeout(timer)
}
