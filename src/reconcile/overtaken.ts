import type { Container } from '../domain/environment/environment.ts'
import { isProblem } from '../domain/problem.ts'
import type { Engine } from '../ports/engine.ts'

/** Something has changed since the pass looked. Nothing has failed: the next pass looks afresh. */
export class Overtaken extends Error {
  override name = 'Overtaken'
}

/**
 * Runs a call that needs a container in one of those states.
 * @throws Overtaken if the engine refuses the call because the container is in another state, or gone
 */
export async function onContainer(
  engine: Pick<Engine, 'inspect'>,
  id: string,
  states: Container['state'][],
  call: () => Promise<void>,
): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (!isProblem(error, 'engine-refused')) throw error
    const now = await engine.inspect(id)
    if (now && states.includes(now.state)) throw error
    throw new Overtaken(`The container of ${id} changed meanwhile`, { cause: error })
  }
}

/**
 * Runs a call that needs an image; once more if the image was removed and came back meanwhile.
 * @throws Overtaken if the image was removed since the pass looked for it
 */
export async function onImage<T>(engine: Pick<Engine, 'findImage'>, image: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!isProblem(error, 'image-unavailable')) throw error
    if (await engine.findImage(image)) return await call()
    throw new Overtaken(`The image ${image} was removed meanwhile`, { cause: error })
  }
}
