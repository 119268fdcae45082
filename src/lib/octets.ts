import { printable } from './printable.ts'

/**
 * A file name is octets, not always text. Here it is a string with one character for each octet: code can compare it,
 * sort it and use it as a key like any text, and turn it back into exactly the same octets.
 */
export type Octets = string

export function octetsOf(text: string): Octets {
  return Buffer.from(text).toString('latin1')
}

export function bytesOf(octets: Octets): Buffer {
  return Buffer.from(octets, 'latin1')
}

/** The same name for people to read: as UTF-8, with anything that could steer a terminal as `\x1b`. */
export function shown(octets: Octets): string {
  return printable(bytesOf(octets))
}
