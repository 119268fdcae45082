import type { Octets } from '../../lib/octets.ts'
import { randomOctets } from '../../lib/random.ts'

// Another process may have left drafts; those of this one are in use.
const ours = hex(6)

/** A new name in a work folder. */
export function draftName(purpose: 'upload' | 'folder' | 'copy'): Octets {
  return `${purpose}-${ours}-${hex(9)}`
}

/** Whether that name is one of something unfinished. */
export function isDraft(name: Octets): boolean {
  return makerOf(name) !== undefined
}

/** Whether an earlier process made that name for something unfinished. */
export function isLeftOver(name: Octets): boolean {
  return isDraft(name) && makerOf(name) !== ours
}

function makerOf(name: Octets): string | undefined {
  return /^(?:upload|folder|copy)-([0-9a-f]{12})-[0-9a-f]{18}$/.exec(name)?.[1]
}

function hex(octets: number): string {
  return Buffer.from(randomOctets(octets)).toString('hex')
}

const leaving = 'trash-'

/** The name in a work folder of what is on its way to the trash. */
export function leavingName(trashId: string): Octets {
  return `${leaving}${trashId}`
}

/** The id in such a name; null if the name is another one. */
export function trashIdIn(name: Octets): string | null {
  const id = name.startsWith(leaving) ? name.slice(leaving.length) : ''
  return /^[0-9a-f-]{36}$/.test(id) ? id : null
}
