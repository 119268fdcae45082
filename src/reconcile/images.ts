/** Which image a container is made from, and how the engine comes to have it. */
import type { Environment } from '../domain/environment/environment.ts'
import { type Image, imageOf, isSameImage, shortId } from '../domain/environment/image.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import type { Engine } from '../ports/engine.ts'
import type { Records } from './no-room-to-record.ts'
import { Overtaken } from './overtaken.ts'
import type { Task } from './task.ts'

/**
 * Sees to it that the engine has the image of an environment: the recorded one, else the one that its name stands for.
 * A recorded image that is gone is pulled again by its digest; one that was made here is never asked of a registry.
 *
 * @throws Problem image-unavailable
 */
export async function fetchImage(
  engine: Pick<Engine, 'findImage'>,
  { launch, madeFrom }: Pick<Environment, 'launch' | 'madeFrom'>,
  pull: (reference: string) => Promise<void>,
): Promise<Image> {
  const recorded = madeFrom === 'latest' ? null : madeFrom
  const there = await engine.findImage(recorded?.id ?? launch.image)
  if (there) return recorded ?? imageOf(there, launch.image)
  if (recorded?.digest === null) throw goneProblem(launch.image, recorded)
  const reference = recorded?.digest ?? launch.image
  await pull(reference).catch((error: unknown) => {
    throw recorded && isProblem(error, 'image-unavailable') ? goneProblem(launch.image, recorded, error) : error
  })
  const pulled = await engine.findImage(reference)
  if (!pulled) throw new Overtaken(`The image ${reference} was removed meanwhile`)
  return recorded ? { id: pulled.id, digest: recorded.digest } : imageOf(pulled, launch.image)
}

/** The image of the container that the pass is about; without its digest where the engine has no more of it than the container. */
export async function imageOfContainer(
  engine: Pick<Engine, 'inspect' | 'findImage'>,
  { environment }: Pick<Task, 'environment'>,
): Promise<Image> {
  const container = await engine.inspect(environment.id)
  if (!container) throw new Overtaken(`The container of ${environment.id} was removed meanwhile`)
  const sight = await engine.findImage(container.imageId)
  return sight ? imageOf(sight, environment.launch.image) : { id: container.imageId, digest: null }
}

/** Before a container is made from it: what is there later tells of no other. @throws Overtaken when somebody acted meanwhile */
export async function recordImage(store: Records, task: Task, image: Image): Promise<void> {
  const { environment } = task
  const { madeFrom } = environment
  if (madeFrom && madeFrom !== 'latest' && isSameImage(madeFrom, image)) return
  const changed = await store.change(environment.id, { madeFrom: image }, { as: environment })
  if (!changed) throw new Overtaken(`Something else is desired of ${environment.id} now`)
  task.environment = { ...environment, madeFrom: image }
}

const advice =
  'Put it back, and start the environment again; or have it made anew from the image of that name today: recreate it with {"image": "latest"}. Its files in shared/ and data/ stay.'

function goneProblem(name: string, recorded: Image, cause?: Problem): Problem {
  const which = `The image that it was made from (${name}, ${shortId(recorded)})`
  const why = cause
    ? `is gone from the engine. ${cause.detail}`
    : 'was made on this machine and is gone from the engine.'
  return new Problem('image-unavailable', `${which} ${why} ${advice}`, { cause })
}
