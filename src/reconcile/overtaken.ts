import type { Container } from '../domain/environment/environment.ts'
import { isProblem } from '../domain/problem.ts'
import type { Engine } from '../ports/engine.ts'

/** Something is not any more as the pass saw it: the next one looks afresh, and nothing has failed. */
export class Overtaken extends Error {
  override name = 'Overtaken'
}

/**
 * Runs a call that is for a container in one of those states.
 * @throws Overtaken where the engine refuses it of a container in another state, or one that is gone
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
 * Runs a call that needs an image; once more where the image was removed and came back meanwhile.
 * @throws Overtaken where the image was removed since it was looked for
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
