// The longest wait that a timer of Node.js takes; a longer one overflows and comes after a millisecond.
const longestMs = 2 ** 31 - 1

/** Calls back after `ms`, once, however long that is; gives what cancels it. `unref`: it does not keep the process alive. */
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
