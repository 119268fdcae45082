// Embeddings, overrides and isolates. Marks such as U+200F stay: names in Arabic and Hebrew need them, and they turn no letters round.
const turning = /[\u202a-\u202e\u2066-\u2069]/g

/** A file's name for people. Characters that turn the direction stand as their codes, else `\u202egnp.exe` would look like `exe.png`. Pure. */
export function shownName(name: string): string {
  return name.replace(turning, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`)
}
