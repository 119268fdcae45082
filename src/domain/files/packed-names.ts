import type { Octets } from '../../lib/octets.ts'

/**
 * The names in a folder, one after the other, each behind its length: two octets, of which the lower one comes first. Hundreds of
 * thousands of strings would take five times the memory, and V8 a tenth of a second to make them.
 */
export type PackedNames = Uint8Array

/** The octets of a name's length. */
export const lengthOctets = 2

export function packNames(names: readonly Octets[]): PackedNames {
  const packed = names.map((name) => `${String.fromCharCode(name.length & 0xff, name.length >> 8)}${name}`)
  return Buffer.from(packed.join(''), 'latin1')
}

export function unpackNames(names: PackedNames): Octets[] {
  const found: Octets[] = []
  for (let at = 0; at < names.length; at = endOf(names, at)) {
    found.push(textOf(names, at + lengthOctets, endOf(names, at)))
  }
  return found
}

export function countNames(names: PackedNames): number {
  let count = 0
  for (let at = 0; at < names.length; at = endOf(names, at)) count += 1
  return count
}

/** Where the name ends whose length is at this place: there the next length begins. */
export function endOf(names: PackedNames, at: number): number {
  return at + lengthOctets + (names[at] as number) + ((names[at + 1] as number) << 8)
}

/** The octets between two places in packed names. */
export function textOf(names: PackedNames, from: number, to: number): Octets {
  return Buffer.from(names.buffer, names.byteOffset, names.byteLength).toString('latin1', from, to)
}
