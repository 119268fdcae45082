import type { Fault } from '../fault.ts'
import { anotherFolder } from './another-folder.ts'
import { copy } from './copy.ts'
import { diskGoes } from './disk-goes.ts'
import { diskLate, diskMissing, sharedDiskMissing } from './late-disk.ts'
import { misspelt } from './misspelt.ts'
import { moved } from './moved.ts'
import { reboot } from './reboot.ts'
import { removed } from './removed.ts'
import { replaced } from './replaced.ts'

/** In the order of the page. */
export const faults: readonly Fault[] = [
  misspelt,
  anotherFolder,
  copy,
  diskMissing,
  sharedDiskMissing,
  diskLate,
  reboot,
  diskGoes,
  replaced,
  moved,
  removed,
]
