import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { haveTimeZone, isTimeZone } from '../../../src/settings/time-zone.ts'

const none = { fromFile: {}, fromDotEnv: {} }

test('the zone of the process counts before that of production.env, and that before .env', () => {
  const zoneOf = (env: NodeJS.ProcessEnv, files: Partial<typeof none>) => {
    haveTimeZone({ ...none, ...files }, env)
    return env.TZ
  }
  const [fromFile, fromDotEnv] = [{ TZ: 'Asia/Kathmandu' }, { TZ: 'Europe/Berlin' }]
  expect(zoneOf({ TZ: 'UTC' }, { fromFile })).toBe('UTC')
  expect(zoneOf({ TZ: '' }, { fromFile, fromDotEnv })).toBe('Asia/Kathmandu')
  expect(zoneOf({}, { fromDotEnv })).toBe('Europe/Berlin')
  expect(zoneOf({}, {})).toBeUndefined()
})

// Trouble (input): production.env names a time zone, and the log and the schedules of `npm start` go by another one
test('a process that has begun goes by the zone of its settings', () => {
  const script = `
    import { haveTimeZone } from '${new URL('../../../src/settings/time-zone.ts', import.meta.url)}'
    import { nextTime } from '${new URL('../../../src/lib/schedule.ts', import.meta.url)}'
    new Date().getHours()
    haveTimeZone({ fromFile: { TZ: 'Asia/Kathmandu' }, fromDotEnv: {} })
    console.log(new Date(nextTime('0 3 * * *', Date.parse('2026-11-24T00:00:00Z'))).toISOString())`
  const env = { ...process.env, NODE_OPTIONS: '', TZ: '' }
  const text = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { env, encoding: 'utf8' })
  expect(text.trim()).toBe('2026-11-24T21:15:00.000Z')
})

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Europe/Berln', false],
  ['CET-1', false],
])('whether %s is a time zone: %s', (text, is) => {
  expect(isTimeZone(text)).toBe(is)
})
