/** A repair that `ailab doctor --fix` may make: of one file or one folder, never of a folder's content. */
import type { Owner } from '../people/notebook-user.ts'

export type Fix =
  | { kind: 'set-setting'; file: string; name: string; from: string | null; to: string }
  | { kind: 'make-settings'; file: string; example: string; values: Readonly<Record<string, string>> }
  | { kind: 'set-mode'; path: string; from: number; to: number }
  | { kind: 'set-owner'; path: string; from: Owner; to: Owner }

/** The repair in words, to show it before it is made. */
export function sentenceOf(fix: Fix): string {
  switch (fix.kind) {
    case 'set-setting':
      return `change ${fix.name} in ${fix.file}: ${fix.from === null ? 'not set' : fix.from} -> ${fix.to} (a backup is written first)`
    case 'make-settings':
      return `make ${fix.file} from ${fix.example}, with ${Object.entries(fix.values)
        .map(([name, value]) => `${name}=${value}`)
        .join(' and ')}`
    case 'set-mode':
      return `change the mode of ${fix.path}: ${octal(fix.from)} -> ${octal(fix.to)}`
    case 'set-owner':
      return `change the owner of ${fix.path}: ${ownerText(fix.from)} -> ${ownerText(fix.to)}`
    default:
      return fix satisfies never
  }
}

/** A mode as `ls` and `chmod` write it: `0700`. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}

export function ownerText({ uid, gid }: Owner): string {
  return `${uid}:${gid}`
}
