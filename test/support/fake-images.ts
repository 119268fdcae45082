import type { ImageSight } from '../../src/domain/environment/image.ts'

const imageBytes = 123 * 2 ** 20

/** The images of a fake engine. An id is made of the name and the number of times that the name moved. */
export class FakeImages {
  readonly #moves = new Map<string, number>()
  readonly #nameless = new Map<string, ImageSight>()

  readonly names: Set<string>
  /** Names and digests that can be pulled. An image has a digest if its name is in here. */
  readonly registry: Set<string>

  constructor(names: readonly string[], registry: readonly string[]) {
    this.names = new Set(names)
    this.registry = new Set(registry)
  }

  /** Lets the name mean another image from now on; the old image stays. */
  move(name: string): void {
    const before = this.#sight(name)
    this.#nameless.set(before.id, before)
    if (this.registry.has(name)) this.registry.add(before.digests[0] ?? '')
    this.#moves.set(name, (this.#moves.get(name) ?? 0) + 1)
  }

  /** Takes the name and the digests from an image that a container uses, as `docker rmi --force` does. */
  untag(name: string): void {
    const image = this.#sight(name)
    this.names.delete(name)
    this.#nameless.set(image.id, { ...image, digests: [] })
  }

  /** Removes all images, with or without a name. */
  wipe(): void {
    this.names.clear()
    this.#nameless.clear()
  }

  find(reference: string): ImageSight | null {
    const named = [...this.names].map((name) => ({ name, ...this.#sight(name) }))
    const found = [...named, ...this.#nameless.values()].find(
      (image) =>
        ('name' in image && image.name === reference) || image.id === reference || image.digests.includes(reference),
    )
    return found ? { id: found.id, digests: found.digests, bytes: found.bytes } : null
  }

  /** Whether the registry has the image. */
  has(reference: string): boolean {
    return (
      this.registry.has(reference) || [...this.registry].some((name) => this.#sight(name).digests.includes(reference))
    )
  }

  pull(reference: string): void {
    const [, id] = reference.split('@')
    if (id === undefined) this.names.add(reference)
    else this.#nameless.set(id, { id, digests: [reference], bytes: imageBytes })
  }

  #sight(name: string): ImageSight {
    const id = `sha256:${name.replaceAll(/[:/]/g, '-')}-${this.#moves.get(name) ?? 0}`
    return { id, digests: this.registry.has(name) ? [`${name.replace(/:[^:/]*$/, '')}@${id}`] : [], bytes: imageBytes }
  }
}
