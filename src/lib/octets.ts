import { printable } from './printable.ts'

/**
 * File names are octets, not always text. Here one is a string with one character for each octet: it can be compared,
 * sorted and kept in a map like any text, and turns back into exactly the same octets.
 */
export type Octets = string

export function octetsOf(text: string): Octets {
  return Buffer.from(text).toString('latin1')
}

export function bytesOf(octets: Octets): Buffer {
  return Buffer.from(octets, 'latin1')
}

/** The same for people: as UTF-8, with what could steer a terminal as `\x1b`. */
export function shown(octets: Octets): string {
  return printable(bytesOf(octets))
}
