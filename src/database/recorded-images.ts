import { lookInto } from './look-into.ts'

/** The ids of the images from which environments are made. It writes nothing; `content` as for `troubleOfDatabase`. */
export function recordedImages(file: string, content: Uint8Array | null): string[] {
  const ids = "select distinct made_from ->> '$.id' from environments where made_from ->> '$.id' is not null"
  return lookInto(file, content, (sqlite) => sqlite.prepare<[], string>(ids).pluck().all())
}
