/** The meaning of restic's words. Pure. */
import { Problem } from '../domain/problem.ts'

/** A line of restic's JSON output, of 0.14 and of 0.18; other lines give null. */
export type Message = { message_type?: string; struct_type?: string } & Record<string, unknown>

export function messageOf(line: string): Message | null {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line)
  } catch {
    return null // a line of words that begins with a brace
  }
}

const notWords = /^(reading repository password from stdin|created new cache|$)/

/**
 * Gives restic's words of an error, without those of its own work; 0.18 writes them in JSON. A file that a backup cannot read never
 * ends it, and its person chose its name: that line is left out.
 */
export function wordsOf(lines: readonly string[]): string {
  const words = lines.flatMap((line) => {
    const message = messageOf(line)
    return message && isOfUnreadFile(message) ? [] : String(message?.message ?? line).trim()
  })
  return words.filter((line) => !notWords.test(line)).join('\n')
}

function isOfUnreadFile({ item, during }: Message): boolean {
  return item !== undefined && during !== 'restore'
}

export type Meaning = 'absent' | 'unreachable' | 'locked' | 'wrong-key' | 'full' | 'damaged' | 'other'

// restic asks for the repository's place whatever the reason is, so this comes first.
const unreachable =
  /connection (refused|reset|timed out|closed)|no route to host|i\/o timeout|no such host|could not resolve|host key verification failed|permission denied \(|load key|access denied|access key id|signature we calculated|x509|certificate|unable to start the sftp session|network is unreachable/i

const meanings: [RegExp, Meaning][] = [
  [/no space left on device|disk quota exceeded/i, 'full'],
  [unreachable, 'unreachable'],
  [/is there a repository at the following location|repository does not exist/i, 'absent'],
  [/wrong password or no key found/i, 'wrong-key'],
  [/unable to create lock|repository is already locked/i, 'locked'],
  [
    /repository contains errors|ciphertext verification failed|does not match|invalid data returned|is damaged/i,
    'damaged',
  ],
]

export function meaningOf(words: string): Meaning {
  return meanings.find(([pattern]) => pattern.test(words))?.[1] ?? 'other'
}

const details: Record<Meaning, string> = {
  full: 'The disk of the backups is full.',
  unreachable: 'The repository of the backups cannot be reached, or does not let the service in.',
  absent: 'There is no repository where the backups should be.',
  'wrong-key': 'The key does not open the repository of the backups.',
  locked: 'Another program uses the repository of the backups.',
  damaged: 'The repository of the backups is damaged.',
  other: 'The backup program failed.',
}

/** `doing` completes "could not …". `whenFull`: what it means that a disk is full, if it is not the one of the backups. */
export function resticProblem(doing: string, words: string, exitCode: number, whenFull = details.full): Problem {
  const meaning = exitCode === 137 ? 'other' : meaningOf(words)
  const code = meaning === 'full' ? 'no-room' : meaning === 'damaged' ? 'backup-damaged' : 'backup-repository-unusable'
  const hint = meaning === 'unreachable' ? ' How to try it by hand is in docs/backups.md, "On another machine".' : ''
  const said = words === '' ? `restic ended with code ${exitCode}` : words
  const meant = meaning === 'full' ? whenFull : details[meaning]
  const detail = exitCode === 137 ? 'The backup program was killed.' : meant
  return new Problem(code, detail, { adminDetail: `${detail} Could not ${doing}: ${said}${hint}` })
}
