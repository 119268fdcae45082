import { type Check, notChecked, ok, problem, warning } from '../../domain/doctor/check.ts'
import { roomStatus, roomWords } from '../../domain/room.ts'
import { shellQuote } from '../../lib/shell-quote.ts'
import type { Space } from '../../ports/site.ts'
import type { Observations } from '../observations.ts'

export function checkFreeSpace({ space }: Observations): Check[] {
  if (space.kind === 'unseen') {
    const tell = space.hangs ? problem : notChecked
    return [tell('free-space', `The free space could not be read: ${space.reason}.`)]
  }
  if (space.value.length === 0) return [notChecked('free-space', 'There is no data root.')]
  return space.value.map(checkDisk)
}

function checkDisk(disk: Space): Check {
  const room = `${roomWords(disk)}.`
  const words = { summary: room, detail: `On the disk of ${disk.paths.join(', ')}: ${room}` }
  const status = roomStatus(disk)
  if (status === 'ok') return ok('free-space', words)
  const tell = status === 'problem' ? problem : warning
  return tell('free-space', {
    ...words,
    remedy:
      'Make room, or enlarge the disk. A full disk makes environments lose what they cannot save. The largest folders:',
    command: `du -xhd2 ${shellQuote(disk.paths[0] ?? '.')} | sort -h | tail`,
  })
}
