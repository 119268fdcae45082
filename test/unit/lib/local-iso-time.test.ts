import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const at = '2026-07-24T08:07:03.005Z'
const module = new URL('../../../src/lib/local-iso-time.ts', import.meta.url)
const script = `import { localIsoTime } from '${module}'; console.log(localIsoTime(new Date('${at}')))`

test.each([
  ['UTC', '2026-07-24T08:07:03.005Z'],
  ['Europe/Berlin', '2026-07-24T10:07:03.005+02:00'],
  ['America/St_Johns', '2026-07-24T05:37:03.005-02:30'],
  ['Asia/Kathmandu', '2026-07-24T13:52:03.005+05:45'],
])('a time in %s has the offset of that zone', (TZ, written) => {
  const env = { ...process.env, NODE_OPTIONS: '', TZ }
  const text = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { env, encoding: 'utf8' })
  expect(text.trim()).toBe(written)
  expect(new Date(written).toISOString()).toBe(at)
})
