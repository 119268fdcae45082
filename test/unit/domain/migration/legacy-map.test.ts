import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mapName, parseLegacyMap } from '../../../../src/domain/migration/legacy-map.ts'
import { printable } from '../../../../src/lib/printable.ts'

describe('a mapping file:', () => {
  test('a mapping file has a line for each legacy folder, and may have comments and CRLF', () => {
    const text = '# who is who\r\n\r\ndemo_at_ailab_com = Demo@AILab.com\r\n  old tests=-\r\n"a\\nb = c" = x@y\r\n'
    expect([...parseLegacyMap(text, 'map.txt')]).toEqual([
      ['demo_at_ailab_com', 'demo@ailab.com'],
      ['old tests', null],
      ['a\nb = c', 'x@y'],
    ])
  })

  // Trouble (migration): a mapping file has mistakes
  test('the error of a mapping file names all mistakes, with their lines', () => {
    const text = 'a = x@y\nno equals sign\nb = ../x\n"c = d\na = z@y\na = x@y\n = x\n'
    const mistakes = (() => {
      try {
        return String(parseLegacyMap(text, 'map.txt'))
      } catch (error) {
        return (error as Error).message.split('\n')
      }
    })()
    expect(mistakes).toEqual([
      'map.txt, line 2: write it as <legacy folder> = <user id>',
      expect.stringMatching(/^map.txt, line 3: "..\/x" is no user id\. A user id has/),
      'map.txt, line 4: write it as <legacy folder> = <user id>',
      'map.txt, line 5: a was given to another user further up',
      'map.txt, line 7: write it as <legacy folder> = <user id>',
    ])
  })

  test('a mapping file reads any printed name back as itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
        expect(printable(mapName(name))).toBe(mapName(name))
        expect([...parseLegacyMap(`${mapName(name)} = x@y`, 'map.txt').keys()]).toEqual([name])
      }),
    )
  })
})
