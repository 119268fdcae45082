/**
 * An image in the engine: its id there, and its digest in a registry (`name@sha256:…`); the digest is null if it was
 * built here.
 */
export type Image = { id: string; digest: string | null }

/** An image as the engine reports it. `bytes`: with what it shares with other images. */
export type ImageSight = { id: string; digests: readonly string[]; bytes: number }

/** The image behind a name. If it has several digests, the one under that very name counts. Pure. */
export function imageOf({ id, digests }: Pick<ImageSight, 'id' | 'digests'>, name: string): Image {
  const own = digests.find((digest) => digest.split('@')[0] === withoutTag(name))
  return { id, digest: own ?? digests[0] ?? null }
}

function withoutTag(name: string): string {
  return name.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
}

export function isSameImage(one: Image, other: Image): boolean {
  return one.id === other.id && one.digest === other.digest
}

/** The first 12 digits of an id, as `docker images` shows it: enough to tell it from all others. */
export function shortId({ id }: Image): string {
  return id.replace(/^sha256:/, '').slice(0, 12)
}
