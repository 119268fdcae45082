import { type Check, notChecked, note, ok } from '../../domain/doctor/check.ts'
import { shellQuote } from '../../lib/shell-quote.ts'
import { sizeInWords } from '../../lib/size-in-words.ts'
import type { ImagesSight, Observations } from '../observations.ts'

/** Do environments have an older image than its name stands for? Has the engine images of ours that nothing needs any more? */
export function checkImages({ images, settings }: Observations): Check[] {
  if (images.kind === 'unseen') return [notChecked('images', `They could not be looked at: ${images.reason}.`)]
  if (images.value === null) return [notChecked('images', 'There is no data root with a database.')]
  const { outdated, leftBehind } = images.value
  const found = [
    ...(outdated.length > 0 ? [ofOutdated(outdated, settings.port)] : []),
    ...(leftBehind.length > 0 ? [ofLeftBehind(leftBehind)] : []),
  ]
  return found.length > 0 ? found : [ok('images', 'Each environment has the newest image of its name.')]
}

function ofOutdated(outdated: ImagesSight['outdated'], port: number): Check {
  const names = [...new Set(outdated.map(({ image }) => image))].toSorted().join(', ')
  const ids = outdated.map(({ id }) => id).toSorted()
  const body = `-H 'Content-Type: application/json' -d '{"image":"latest"}'`
  return note('images', {
    summary: `${ids.length === 1 ? '1 environment has' : `${ids.length} environments have`} an older image.`,
    detail: `${names} stands for a newer image now than when these were made: ${ids.join(', ')}. They go on with the image that they have.`,
    remedy:
      'To give them the newer one, recreate them, when nobody computes in them: all that runs in them ends, and files outside of data/ and shared/ go. TOKEN is that of an administrator (ailab token --admin makes one).',
    command: `for id in ${ids.map((id) => shellQuote(id)).join(' ')}; do curl -s -w '\\n' -H "Authorization: Bearer $TOKEN" ${body} http://localhost:${port}/api/environments/$id/recreate; done`,
  })
}

function ofLeftBehind(images: ImagesSight['leftBehind']): Check {
  const total = sizeInWords(images.reduce((sum, { bytes }) => sum + bytes, 0))
  const ids = images.map(({ id }) => id.replace(/^sha256:/, '').slice(0, 12))
  return note('images', {
    summary: `${ids.length === 1 ? '1 old image is' : `${ids.length} old images are`} of no use any more.`,
    detail: `Builds of newer images left these without a name, and no container and no environment of this data root needs them: ${ids.join(', ')}. They take ${total} at most: what they share with other images stays.`,
    remedy: 'If you need none of them to go back to an earlier version, remove them:',
    command: `docker image rm ${ids.join(' ')}`,
  })
}
