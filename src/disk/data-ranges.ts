import type { FileHandle } from 'node:fs/promises'
import type { OpenFile } from './folder.ts'
import { runOn } from './run-on.ts'

/** A part of a file that holds data, from `start` up to before `end`; the file reads as zeros between such parts. */
export type Range = { start: number; end: number }

// In a smaller file, reading the holes costs less than asking where they are.
const worthAskingBytes = 4 * 2 ** 20

// A notebook can make a file of millions of parts, more than the service has memory for.
const partsAtMost = 10_000

/**
 * The parts of a file that hold data. Node has no lseek(SEEK_DATA); perl, which is in every Debian, does it on our open
 * file. Without perl the whole file counts as data, which is also right, but slow: 27 s for a hole of 10 GiB (measured). So does
 * what comes after the first 10,000 parts.
 */
export async function dataRanges({ handle, stats: { size, blocks } }: OpenFile): Promise<Range[]> {
  const whole = size > 0 ? [{ start: 0, end: Number(size) }] : []
  if (size < worthAskingBytes || blocks * 512n >= size) return whole
  const answer = await askPerl(handle)
  return answer === null ? whole : answer.map(({ start, end }) => ({ start, end: Math.min(end, Number(size)) }))
}

// The last seek must fail with ENXIO (6), "no data up to the end": any other end would be taken for a hole.
const script = `
  my ($left) = @ARGV;
  open(my $file, '<&=', 3) or die;
  my $at = 0;
  while (defined(my $start = sysseek($file, $at, 3))) {
    if ($left-- == 0) {
      printf "%d %d\\n", $start, -s $file;
      exit;
    }
    $at = sysseek($file, $start, 4) or die;
    printf "%d %d\\n", $start, $at;
  }
  die unless $! == 6;
`

async function askPerl(file: FileHandle): Promise<Range[] | null> {
  const text = await runOn(file, 'perl', ['-e', script, `${partsAtMost}`])
  return text === null ? null : rangesOf(text)
}

function rangesOf(text: string): Range[] {
  return Array.from(text.matchAll(/^(\d+) (\d+)$/gm), ([, start, end]) => ({ start: Number(start), end: Number(end) }))
}

/** The parts where at least one of two files holds data. */
export function union(one: readonly Range[], other: readonly Range[]): Range[] {
  const joined: Range[] = []
  for (const range of [...one, ...other].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1)
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end)
    else joined.push({ ...range })
  }
  return joined
}
