import { expect, test } from 'vitest'
import { explanations, table } from '../../../src/commands/table.ts'
import { type Check, note, ok, problem, warning } from '../../../src/domain/doctor/check.ts'

const style = { width: 60, paint: (_: string, text: string) => text }
const folders = (count: number): Check[] =>
  Array.from({ length: count }, (_, index) =>
    problem('user-folders', {
      summary: `u${index} is wrong.`,
      detail: `/u/u${index} is wrong.`,
      remedy: 'Do this:',
      command: `chown u${index}`,
    }),
  )

test('rows are aligned and wrapped, and long words are cut', () => {
  const text = table([ok('settings', 'In order.'), ok('data-root', `${'word '.repeat(12)}${'x'.repeat(80)}`)], style)
  expect(text.split('\n').every((line) => line.length <= 60)).toBe(true)
  expect(text).toMatch(/^✓ {2}Settings {13}In order\.\n✓ {2}Data root {12}word/)
})

test('the table shows the worst faults of one check, and counts the rest', () => {
  const text = table([warning('user-folders', 'odd'), ...folders(9)], style)
  expect(text.split('\n')).toHaveLength(6)
  expect(text).toMatch(/^✗ {2}People's folders {5}u0 is wrong\.\n/)
  expect(text).toContain('… and 5 more')
})

test('faults with the same cure are listed together, each with its command', () => {
  const text = explanations([ok('settings', 'In order.'), ...folders(12)], style)
  expect(text.match(/Do this:/g)).toHaveLength(1)
  expect(text.match(/chown u\d/g)).toHaveLength(10)
  expect(text).toContain('… and 2 more; --json tells all.')
  expect(text).not.toContain('Settings')
})

// Trouble (doctor): the doctor says "5 old images are of no use any more", and not how to remove them
test('a note with a command for a person is explained after the faults, and a note that --fix offers is not', () => {
  const fix = { kind: 'set-mode', path: '/srv/lab/admin', from: 0o755, to: 0o700 } as const
  const checks = [
    note('images', { summary: '2 old images.', remedy: 'Remove them:', command: 'docker image rm one two' }),
    note('settings', { summary: 'No file.', remedy: 'Copy it:', command: 'cp example file', fixes: [fix] }),
    note('service', { summary: 'It does not run.', detail: 'Nobody listens.' }),
    warning('owners', { summary: 'Open to others.', command: 'chmod 0700 admin' }),
  ]
  expect(explanations(checks, style)).toBe(
    '!  Owners and modes: Open to others.\n\n     chmod 0700 admin\n\n' +
      'i  Images: 2 old images.\n   Remove them:\n\n     docker image rm one two',
  )
})

test('a command stays on one line', () => {
  const command = `chown -h 1000:100 /${'long/'.repeat(30)}`
  expect(explanations([problem('owners', { summary: 'x', command })], style)).toContain(`     ${command}`)
})

test('a name cannot steer the terminal', () => {
  const checks = [
    problem('user-folders', { summary: 'a\x1b[2Jb', detail: 'c\rd\x9b', remedy: '\x07', command: 'e\x00' }),
  ]
  expect(table(checks, style) + explanations(checks, style)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
})
