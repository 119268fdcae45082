import { expect, test } from 'vitest'
import { type DatasetBody, datasetsText, verifiedText } from '../../../src/commands/datasets.ts'

const bare: DatasetBody = {
  ...{ name: 'scans', title: null, licence: null, trouble: null, last_verified: null },
  ...{ size_bytes: null, files: null, checksums: 0 },
}
const rain = {
  ...{ ...bare, name: 'rain', title: 'Rain in the north', licence: 'CC-BY-4.0' },
  ...{ size_bytes: 3 * 2 ** 20, files: 1_204, checksums: 3 },
}
const at = '2026-11-26T10:00:12Z'

test('a dataset that says nothing of itself has its name, and says so', () => {
  expect(datasetsText([bare])).toBe('scans\n    not counted yet, no checksums\n')
  expect(datasetsText([])).toBe('There is no dataset yet.\n')
})

test.each([
  [null, 'no verification recorded'],
  [{ at, found: null }, 'changed since it was verified at 2026-11-26 10:00Z'],
  [{ at, found: { verified: 3, differ: 0, missing: 0 } }, 'verified at 2026-11-26 10:00Z: 3 of 3 files as published'],
  [
    { at, found: { verified: 1, differ: 1, missing: 1 } },
    'verified at 2026-11-26 10:00Z: 1 of 3 files as published, 1 differs, 1 missing',
  ],
])('a dataset whose last verification is %j is told as %j', (last_verified, words) => {
  expect(datasetsText([{ ...rain, last_verified }])).toBe(
    `rain: Rain in the north\n    3 MiB in 1,204 files, CC-BY-4.0, 3 checksums\n    ${words}\n`,
  )
})

// Trouble (files): a dataset's title has lines of its own, which look like another dataset
test('whatever a dataset says of itself stays on its line', () => {
  const lines = datasetsText([{ ...rain, title: 'Rain\nfake: Fake\u001b[2J', trouble: 'title:\nwrong' }]).split('\n')
  expect(lines[0]).toBe('rain: Rain\\x0afake: Fake\\x1b[2J')
  expect(lines.at(-2)).toBe('    title:\\x0awrong')
  expect(lines).toHaveLength(5)
})

test('a verification tells each file that is not as published', () => {
  expect(verifiedText({ verified: 2, differ: [], missing: [] })).toBe('2 of 2 files as published\n')
  expect(verifiedText({ verified: 0, differ: ['a\nb'], missing: ['c'] })).toBe(
    '0 of 2 files as published, 1 differs, 1 missing\ndiffers: a\\x0ab\nmissing: c\n',
  )
  const many = { verified: 0, differ: ['a'], missing: ['b'], unlisted_differ: 1_999, unlisted_missing: 1 }
  expect(verifiedText(many)).toBe(
    '0 of 2,002 files as published, 2000 differ, 2 missing\ndiffers: a\nmissing: b\n2,000 more files are not listed\n',
  )
})
