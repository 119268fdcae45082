import { expect, test } from 'vitest'
import { addLayer, type Layers, type PullMessage, progressOf } from '../../../src/docker/pull-progress.ts'

function after(...messages: PullMessage[]) {
  const layers: Layers = new Map()
  const told = messages.map((message) => addLayer(layers, message))
  return { told, ...progressOf(layers) }
}

const line = (status: string, current?: number, total?: number): PullMessage => ({
  id: 'a1',
  status,
  ...(current !== undefined && { progressDetail: { current, ...(total !== undefined && { total }) } }),
})

test.each([
  [[line('Pulling fs layer')], 'waiting', 0, null],
  [[line('Pulling fs layer'), line('Waiting')], 'waiting', 0, null],
  [[line('Downloading', 10, 100)], 'downloading', 10, 100],
  [[line('Downloading', 10, 100), line('Retrying in 5 seconds')], 'retrying', 10, 100],
  [[line('Downloading', 10, 100), line('Verifying Checksum')], 'downloaded', 100, 100],
  [[line('Pulling fs layer'), line('Download complete')], 'downloaded', 0, 0],
  [[line('Downloading', 10, 100), line('Extracting', 7, 100)], 'extracting', 100, 100],
  [[line('Downloading', 10, 100), line('Pull complete')], 'done', 100, 100],
  [[line('Already exists')], 'present', 0, null],
])('after %j the phase of the layer is %s', (messages, phase, currentBytes, totalBytes) => {
  expect(after(...messages).layers).toEqual([{ id: 'a1', phase, currentBytes, totalBytes }])
})

test('a message about no layer, or without a change, is no news', () => {
  const { told } = after(
    { id: 'latest', status: 'Pulling from library/x' },
    { status: 'Status: Downloaded newer image for x:1' },
    line('Waiting'),
    line('Waiting'),
    line('Extracting', 1, 2),
    line('Extracting', 2, 2),
  )
  expect(told).toEqual([false, false, true, false, true, false])
})
