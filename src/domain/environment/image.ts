/** An image in the engine: its id there, and its digest in a registry (`name@sha256:…`); null where it was made here. */
export type Image = { id: string; digest: string | null }

/** What the engine tells of an image. */
export type ImageSight = { id: string; digests: readonly string[] }

/** The image behind a name, with the digest under that very name where it has several. Pure. */
export function imageOf({ id, digests }: ImageSight, name: string): Image {
  const own = digests.find((digest) => digest.split('@')[0] === withoutTag(name))
  return { id, digest: own ?? digests[0] ?? null }
}

function withoutTag(name: string): string {
  return name.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
}

export function isSameImage(one: Image, other: Image): boolean {
  return one.id === other.id && one.digest === other.digest
}

/** Ids are long; so much of one tells it from all others, as `docker images` shows it. */
export function shortId({ id }: Image): string {
  return id.replace(/^sha256:/, '').slice(0, 12)
}
