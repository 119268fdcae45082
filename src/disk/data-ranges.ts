import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { OpenFile } from './folder.ts'
import { runOn } from './run-on.ts'

/** A part of a file that holds data, from `start` up to before `end`; the file reads as zeros between such parts. */
export type Range = { start: number; end: number }

// In a smaller file, reading the holes costs less than asking where they are.
const worthAskingBytes = 4 * 2 ** 20

// A notebook can make a file of millions of parts, more than the service has memory for.
const partsAtOnce = 10_000

/**
 * The parts of a file that hold data, in their order, 10,000 at a time; at least one such batch, which may be empty. Node has no
 * lseek(SEEK_DATA); perl, which is in every Debian, does it on our open file. Without perl the whole file counts as data, which is also
 * right, but slow: 27 s for a hole of 10 GiB (measured).
 */
export async function* dataRanges({ handle, stats }: OpenFile): AsyncGenerator<Range[]> {
  const size = Number(stats.size)
  if (size < worthAskingBytes || !isSparse(stats)) return yield [{ start: 0, end: size }]
  for (let at: number | undefined = 0; at !== undefined && at < size; ) {
    const found: Range[] = (await askPerl(handle, at)) ?? [{ start: at, end: size }]
    // Its owner may write beyond the end meanwhile.
    yield found.filter(({ start }) => start < size).map(({ start, end }) => ({ start, end: Math.min(end, size) }))
    at = found[partsAtOnce - 1]?.end
  }
}

/** Whether a file takes less of the disk than its length. */
export function isSparse({ size, blocks }: Pick<BigIntStats, 'size' | 'blocks'>): boolean {
  return blocks * 512n < size
}

// The last seek must fail with ENXIO (6), "no data up to the end": any other end would be taken for a hole.
const script = `
  my ($at, $left) = @ARGV;
  open(my $file, '<&=', 3) or die;
  while ($left-- > 0) {
    my $start = sysseek($file, $at, 3);
    defined($start) or exit($! != 6);
    $at = sysseek($file, $start, 4) or die;
    printf "%d %d\\n", $start, $at;
  }
`

async function askPerl(file: FileHandle, at: number): Promise<Range[] | null> {
  const text = await runOn(file, 'perl', ['-e', script, `${at}`, `${partsAtOnce}`])
  return text === null ? null : rangesOf(text)
}

function rangesOf(text: string): Range[] {
  return Array.from(text.matchAll(/^(\d+) (\d+)$/gm), ([, start, end]) => ({ start: Number(start), end: Number(end) }))
}
