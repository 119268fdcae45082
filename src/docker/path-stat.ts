import type { FileSight } from '../ports/engine.ts'
import { nanosecondsOf } from './nanoseconds.ts'

/** Go's bits for everything that is no regular file: directory, symbolic link, pipe, socket, device, irregular. */
const otherKinds = 0x8f280000

type PathStat = { size: number; mode: number; mtime: string; linkTarget: string }

/**
 * The engine's `X-Docker-Container-Path-Stat` header: base64 of JSON. Null for anything but a regular file: if a marker is
 * a symbolic link, somebody else has put it there. Pure.
 */
export function sightOf(header: string): FileSight | null {
  const { size, mode, mtime, linkTarget } = JSON.parse(Buffer.from(header, 'base64').toString()) as PathStat
  // Modes are beyond 31 bits, so an AND may be negative, but is never zero by mistake.
  if ((mode & otherKinds) !== 0 || linkTarget !== '') return null
  return { sizeBytes: size, modifiedNs: nanosecondsOf(mtime).toString() }
}
