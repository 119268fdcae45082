/** Chooses the image of a container, and sees to it that the engine has it. */
import type { Environment } from '../domain/environment/environment.ts'
import { type Image, imageOf, isSameImage, shortId } from '../domain/environment/image.ts'
import { recordIn } from '../domain/environment/orphan.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import type { Engine } from '../ports/engine.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import { Overtaken } from './overtaken.ts'
import type { Task } from './task.ts'

/**
 * Sees to it that the engine has the image of an environment: the recorded one, else the one that its name stands for.
 * If a recorded image is gone, it is pulled again by its digest; an image that was built here is never asked of a
 * registry.
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

/**
 * The image of the pass's container: as its label keeps it, else as the engine knows it now. The digest is null if neither tells it: an
 * image that lost its last name by force may have lost its digest too.
 */
export async function imageOfContainer(
  engine: Pick<Engine, 'inspect' | 'findImage'>,
  { environment }: Pick<Task, 'environment'>,
): Promise<Image> {
  const container = await engine.inspect(environment.id)
  if (!container) throw new Overtaken(`The container of ${environment.id} was removed meanwhile`)
  const kept = recordIn(container)?.madeFrom
  if (kept && kept !== 'latest' && kept.id === container.imageId) return kept
  const sight = await engine.findImage(container.imageId)
  return sight ? imageOf(sight, environment.launch.image) : { id: container.imageId, digest: null }
}

/**
 * Records the image before a container is made from it, so that the two cannot differ. @throws Overtaken if somebody
 * acted meanwhile
 */
export async function recordImage(store: Pick<EnvironmentStore, 'change'>, task: Task, image: Image): Promise<void> {
  const { environment } = task
  const { madeFrom } = environment
  if (madeFrom && madeFrom !== 'latest' && isSameImage(madeFrom, image)) return
  const changed = await store.change(environment.id, { madeFrom: image }, { as: environment })
  if (!changed) throw new Overtaken(`Something else is desired of ${environment.id} now`)
  task.environment = { ...environment, madeFrom: image }
}

const advice =
  'Put the image back, and start the environment again. Or recreate the environment with {"image": "latest"}: it gets the image of that name today. Its files in shared/ and data/ stay.'

function goneProblem(name: string, recorded: Image, cause?: Problem): Problem {
  const which = `The image that it was made from (${name}, ${shortId(recorded)})`
  const why = cause
    ? `is gone from the engine. ${cause.detail}`
    : 'was made on this machine and is gone from the engine.'
  return new Problem('image-unavailable', `${which} ${why} ${advice}`, { cause })
}
