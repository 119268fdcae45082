/** What tus-js-client has noted in this browser of uploads that are not finished. */

export type Left = { key: string; path: string; sizeBytes: number; url: string }

/** The service keeps them no longer. */
const keptMs = 7 * 86_400_000

type Kept = Pick<Storage, 'length' | 'key' | 'getItem'>

/** The first part of the name of each note, so that a person sees only their own: many people may use one browser. */
export function notedFor(person: string): string {
  return `ai-lab|${encodeURIComponent(person)}|`
}

/** Those of a person that were to go into a tree: `shared`, or `users/<id>`. Notes that cannot be read are left out. */
export function leftUploads(
  storage: Kept,
  { person, tree }: { person: string; tree: string },
  nowMs = Date.now(),
): Left[] {
  const prefix = `tus::${notedFor(person)}`
  const start = `/api/${tree}/files/`
  const keys = Array.from({ length: storage.length }, (_, at) => storage.key(at) ?? '')
  return keys
    .filter((key) => key.startsWith(prefix))
    .flatMap((key) => {
      const left = read(storage.getItem(key))
      if (!left?.to.startsWith(start) || nowMs - left.since > keptMs) return []
      return [{ key, path: left.to.slice(start.length), sizeBytes: left.sizeBytes, url: left.url }]
    })
}

function read(text: string | null): { to: string; sizeBytes: number; url: string; since: number } | null {
  try {
    const { metadata, size, uploadUrl, creationTime } = JSON.parse(text ?? '')
    if (typeof metadata.to !== 'string' || typeof size !== 'number' || typeof uploadUrl !== 'string') return null
    return { to: metadata.to, sizeBytes: size, url: uploadUrl, since: Date.parse(creationTime) || 0 }
  } catch {
    return null
  }
}
