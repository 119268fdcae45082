import { expect, test } from 'vitest'
import { lastSeen, pointsOf } from '../src/lab/machine-points.ts'
import { remedyIn } from '../src/lab/remedy.ts'

const service = 'https://lab.example/'

test('what can be copied is taken out of the words of a remedy', () => {
  expect(
    remedyIn('Is the disk mounted? If only the marker was deleted, put it back: echo 1 > /x && chown 1 /x', service),
  ).toEqual({
    words: 'Is the disk mounted? If only the marker was deleted, put it back:',
    command: 'echo 1 > /x && chown 1 /x',
  })
  expect(remedyIn('POST /api/environments/ai-lab-x-1/recreate: a new container, the same data.', service).command).toBe(
    'curl -X POST -H "Authorization: Bearer $TOKEN" https://lab.example/api/environments/ai-lab-x-1/recreate',
  )
  expect(remedyIn('Set HOST_DATA_PATH=/srv/lab, or leave it out.', service).command).toBe('HOST_DATA_PATH=/srv/lab')
  expect(remedyIn('Check the disk that holds the data root.', service)).toEqual({
    words: 'Check the disk that holds the data root.',
    command: null,
  })
})

const sample = (minute: number) => ({
  at: new Date(minute * 60_000).toISOString(),
  memory_used_bytes: minute,
  memory_total_bytes: 100,
  cpu_percent: 1,
  disk_used_bytes: null,
  disk_total_bytes: null,
  environments_running: 0,
  environments_waiting: 0,
})

test('a time without samples is a gap in the plots, and no line', () => {
  const points = pointsOf({ every_seconds: 60, items: [1, 2, 9, 10].map(sample) })
  expect(points.map(({ at, memory }) => [at / 60_000, memory])).toEqual([
    [1, 1],
    [2, 2],
    [3, null],
    [9, 9],
    [10, 10],
  ])
  expect(points[0]?.disk).toBeNull()
})

test('the newest sample counts as now until two are late; from then on the plots say its age', () => {
  const machine = { every_seconds: 60, items: [1, 2].map(sample) }
  expect(lastSeen(machine, 4 * 60_000)).toBeNull()
  expect(lastSeen(machine, 4 * 60_000 + 1)).toBe('1970-01-01T00:02:00.000Z')
  expect(lastSeen({ every_seconds: 60, items: [] }, 0)).toBeNull()
})
