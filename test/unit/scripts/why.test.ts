import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { codesOf, findingsIn, linesOf } from '../../../scripts/why/answers.ts'
import { faults } from '../../../scripts/why/faults/all.ts'
import { neutral } from '../../../scripts/why/neutral.ts'
import { link, markers, renewed } from '../../../scripts/why/page.ts'
import { filesOf, findingsOf, startOf, together } from '../../../scripts/why/words.ts'
import { findings } from '../../../src/domain/proof/proof.ts'

const page = readFileSync(new URL('../../../docs/why.md', import.meta.url), 'utf8')
const lab = { id: '1:2', files: ['churn.csv'] }

test('docs/why.md has the faults of the script, in their order (npm run why writes it)', () => {
  const generated = page.slice(page.indexOf(markers.begin), page.indexOf(markers.end))
  const titles = faults.map(({ title }) => title)
  expect(Array.from(generated.matchAll(/^## (.*)$/gm), ([, title]) => title)).toEqual(titles)
  const rows = Array.from(generated.matchAll(/^\| (\[.*?\)) +\|/gm), ([, cell]) => cell)
  expect(rows).toEqual(titles.map(link))
  for (const { deed } of faults) expect(generated).toContain(deed)
})

test('the codes on the page are those of the proof', () => {
  const codes = Array.from(page.matchAll(/\(problems\.md#([a-z-]+)\)/g), ([, code]) => code)
  expect(codes.length).toBeGreaterThan(0)
  expect(codes.filter((code) => !Object.hasOwn(findings, code ?? ''))).toEqual([])
})

test('only the generated part of the page is replaced', () => {
  expect(renewed(`a\n${markers.begin}\nold\n${markers.end}\nb\n`, 'new')).toBe(
    `a\n${markers.begin}\n\nnew\n\n${markers.end}\nb\n`,
  )
  expect(() => renewed('no markers', 'new')).toThrow('has no')
})

test('files are compared by device and inode, not by their names', () => {
  expect(filesOf(lab, lab)).toEqual({ words: 'the right files', isGood: true })
  expect(filesOf({ ...lab, id: '1:3' }, lab)).toEqual({ words: 'other files', isGood: false })
  expect(filesOf({ id: '1:3', files: [] }, lab)).toEqual({ words: 'an empty folder', isGood: false })
  expect(filesOf({ id: '1:3', files: [] }, null).isGood).toBe(false)
  expect(filesOf(null, null).isGood).toBe(false)
})

test('a start is good when it is on the right files or refused, and makes no folder', () => {
  expect(startOf('', 'starts', { exitCode: 0, inside: lab }, lab)).toEqual({
    words: 'starts on the right files',
    isGood: true,
  })
  expect(startOf('another ', 'starts', { exitCode: 125, inside: null }, lab)).toEqual({
    words: 'another is refused, exit 125',
    isGood: true,
  })
  expect(startOf('', 'starts', { exitCode: 125, inside: null, made: 'root:root 755' }, lab).isGood).toBe(false)
  expect(startOf('', 'starts', { exitCode: 0, inside: { id: '9', files: [] }, made: 'root:root 755' }, lab)).toEqual({
    words: 'starts on an empty folder, made just then (root:root 755)',
    isGood: false,
  })
})

test('several results are good only when each is good, and no finding at all is not good', () => {
  expect(together({ words: 'a', isGood: true }, findingsOf([]))).toEqual({
    words: 'a; nothing is found',
    isGood: false,
  })
  expect(findingsOf(['stale-mount', 'stale-mount']).words).toBe('[stale-mount](problems.md#stale-mount)')
})

test('findings are read from the log, notes do not count, and many of one code make one line', () => {
  const finding = (code: string, severity = 'error') => ({ severity, code, detail: 'd.', remedy: 'r.' })
  const log = [
    { msg: 'up' },
    { finding: finding('a') },
    { findings: [finding('b'), finding('b'), finding('c', 'note')] },
  ]
  const found = findingsIn(log.map((line) => JSON.stringify(line)).join('\n'))
  expect(codesOf(found)).toEqual(['a', 'b', 'b'])
  expect(linesOf(found)).toEqual(['error a: d. r.', 'error b: d. r.', '(1 more b)', 'note c: d. r.'])
})

test('only the names and ids of one run are replaced', () => {
  const here = { folder: '/tmp/ai-lab-why-x', containerName: 'ai-lab-why-7' }
  expect(neutral('$ docker start ai-lab-why-7\n    /tmp/ai-lab-why-x/disk', here)).toBe(
    '$ docker start notebook\n    /lab/disk',
  )
  expect(neutral(`root 0d4f3a1c-1111-2222-3333-444455556666, ${'ab'.repeat(32)}`, here)).toBe(
    'root 0d4f3a1c…, abababababab…',
  )
  expect(neutral("    docker: no.\n    \n    Run 'docker run --help' for more information\n$ ls", here)).toBe(
    '    docker: no.\n$ ls',
  )
})
