/** Thrown where a person's browser should go on elsewhere. */
export class Redirect extends Error {
  override name = 'Redirect'
  readonly location: string
  readonly cookie: string | null

  constructor(location: string, cookie: string | null = null) {
    super(`to ${location}`)
    this.location = location
    this.cookie = cookie
  }
}
