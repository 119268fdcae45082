import type { Octets } from '../../lib/octets.ts'

/**
 * The names in a folder, one after the other, each with a NUL octet behind it, which no name has. Hundreds of thousands of strings would
 * take five times the memory, and V8 a tenth of a second to make them.
 */
export type PackedNames = Uint8Array

export function packNames(names: readonly Octets[]): PackedNames {
  return Buffer.from(names.map((name) => `${name}\0`).join(''), 'latin1')
}

export function unpackNames(names: PackedNames): Octets[] {
  return textOf(names, 0, names.length).split('\0').slice(0, -1)
}

export function countNames(names: PackedNames): number {
  let count = 0
  for (const octet of names) if (octet === 0) count += 1
  return count
}

/** The name between two places in packed names. */
export function textOf(names: PackedNames, from: number, to: number): Octets {
  return Buffer.from(names.buffer, names.byteOffset, names.byteLength).toString('latin1', from, to)
}
