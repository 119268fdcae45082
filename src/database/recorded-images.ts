import { lookInto } from './look-into.ts'

/**
 * By environment: the id of the image from which it is made; null if none is recorded. It writes nothing; `content` as for
 * `troubleOfDatabase`.
 */
export function recordedImages(file: string, content: Uint8Array | null): Map<string, string | null> {
  const images = "select id, made_from ->> '$.id' from environments"
  return new Map(lookInto(file, content, (sqlite) => sqlite.prepare<[], [string, string | null]>(images).raw().all()))
}
