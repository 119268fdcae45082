/** Whether to say something now: when it is news, and again each `everyMs` while it stays the same. */
export function createReminder(steady: () => number, everyMs: number): (text: string) => boolean {
  let said: { text: string; at: number } | null = null
  return (text) => {
    const now = steady()
    if (said?.text === text && now - said.at < everyMs) return false
    said = { text, at: now }
    return true
  }
}
