import { expect, test } from 'vitest'
import { nameBeside, nameProblem, pathProblem } from '../src/files/name-rules.ts'
import { shownName } from '../src/parts/shown-name.ts'

test.each([
  ['', 'empty'],
  ['a/b', 'slash'],
  ['.', 'dots'],
  ['..', 'dots'],
  ['a\0b', 'nul'],
  ['ä'.repeat(128), 'long'],
  ['half \ud83d', 'malformed'],
  ['.ai-lab-work', 'reserved'],
])('the name %j is refused before the service refuses it: %s', (name, problem) => {
  expect(nameProblem(name, '')).toBe(problem)
})

test('any other name is allowed, however odd', () => {
  const odd = [
    '...',
    ' ',
    '-rf',
    '100% #1?&.txt',
    'line\nend',
    '<img src=x onerror=alert(1)>',
    'ä'.repeat(127),
    '😀'.repeat(63),
  ]
  expect(odd.map((name) => nameProblem(name, ''))).toEqual(odd.map(() => null))
})

test('only at the top of a tree a name belongs to the platform', () => {
  expect([nameProblem('.ai-lab-work', 'models'), pathProblem('models/.ai-lab-work')]).toEqual([null, null])
  expect(pathProblem('.ai-lab-work/a')).toBe('reserved')
})

test('a path is refused for any of its names, and if it has none', () => {
  expect([pathProblem('a/../b'), pathProblem('//'), pathProblem('a/b.csv')]).toEqual(['dots', 'empty', null])
})

test('a name beside a taken one keeps its end', () => {
  const beside = (name: string) => nameBeside(name, 2)
  expect(['a.csv', 'paper.tar.gz', 'README', '.bashrc', 'v1.2 final', 'a.b.c'].map(beside)).toEqual([
    'a (2).csv',
    'paper (2).tar.gz',
    'README (2)',
    '.bashrc (2)',
    'v1.2 final (2)',
    'a.b (2).c',
  ])
})

test('a name that turns the direction of its letters round shows the character that does so', () => {
  expect(shownName('\u202egnp.exe')).toBe('\\u{202e}gnp.exe')
  expect(shownName('a\u2067b\u2069')).toBe('a\\u{2067}b\\u{2069}')
  expect(shownName('שלום\u200f.txt')).toBe('שלום\u200f.txt')
})
