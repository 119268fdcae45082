import { expect, test } from 'vitest'
import { asleep, isLightSvg, type SvgNode } from '../src/previews/svg-work.ts'

type Attributes = Record<string, string>

const element = (
  localName: string,
  attributes: Attributes = {},
  children: SvgNode[] = [],
  textContent = '',
): SvgNode => ({
  localName,
  id: attributes.id ?? '',
  children,
  textContent,
  attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
})
const times = (count: number, make: (n: number) => SvgNode) => Array.from({ length: count }, (_, n) => make(n))
const svg = (...children: SvgNode[]) => element('svg', {}, children)
const use = (id: string) => element('use', { 'xlink:href': `#${id}` })

test('a plot with thousands of marks, each of which uses one glyph, is drawn', () => {
  const glyph = element('defs', {}, [element('path', { id: 'dot', d: 'M0 0' })])
  expect(isLightSvg(svg(glyph, ...times(5_000, () => use('dot'))))).toBe(true)
})

/** Each group refers ten times to the one before: ten levels are ten thousand million elements. */
const bomb = (refer: (id: string) => SvgNode) =>
  svg(
    element('path', { id: 'g0' }),
    ...times(10, (n) =>
      element(
        'g',
        { id: `g${n + 1}` },
        times(10, () => refer(`g${n}`)),
      ),
    ),
  )

test.each<[string, (id: string) => SvgNode]>([
  ['use', use],
  ['use with a plain href', (id) => element('use', { href: ` #${id}` })],
  ['masks', (id) => element('rect', { mask: `url(#${id})` })],
  ['patterns in a style', (id) => element('rect', { style: `fill: url("#${id}")` })],
])('a picture of a few kilobytes that multiplies itself by %s is not drawn', (_, refer) => {
  expect(isLightSvg(bomb(refer))).toBe(false)
})

test('a style sheet may give elements a gradient, and nothing that is drawn itself', () => {
  const sheet = element('style', {}, [], '.a { fill: url(#p) }')
  const shown = (kind: string) => isLightSvg(svg(sheet, element(kind, { id: 'p' }, [element('stop')]), element('rect')))
  expect([shown('linearGradient'), shown('pattern')]).toEqual([true, false])
})

test('a picture that uses itself is not drawn', () => {
  expect(isLightSvg(svg(element('g', { id: 'a' }, [use('b')]), element('g', { id: 'b' }, [use('a')])))).toBe(false)
})

test.each<[string, SvgNode]>([
  ['more than 50,000 elements', svg(...times(50_001, () => element('rect')))],
  [
    'very deep groups',
    Array.from({ length: 5_000 }).reduce<SvgNode>((inner) => element('g', {}, [inner]), element('rect')),
  ],
  [
    'hundreds of steps of filters',
    svg(
      element(
        'filter',
        {},
        times(200, () => element('feGaussianBlur')),
      ),
    ),
  ],
  ['an SVG within the SVG', svg(element('image', { href: 'data:image/svg+xml;base64,PHN2Zy8+' }))],
])('a picture with %s is not drawn', (_, root) => {
  expect(isLightSvg(root)).toBe(false)
})

test('handlers, scripts and styles are measured under names that mean nothing to a browser', () => {
  const text = '<svg onload="a()"><style>.a{}</style><x:script/><g id="a"style = "fill:url(#b)"\nonclick=\'x\'/></svg>'
  expect(asleep(text)).toBe(
    '<svg asleep-onload="a()"><asleep-style>.a{}</asleep-style><x:asleep-script/><g id="a"asleep-style = "fill:url(#b)"\nasleep-onclick=\'x\'/></svg>',
  )
  const pattern = element('pattern', { id: 'p' }, [element('rect')])
  expect(isLightSvg(svg(element('asleep-style', {}, [], 'rect { fill: url(#p) }'), pattern))).toBe(false)
})
